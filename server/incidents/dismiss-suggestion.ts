import { and, eq, isNull } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { type IncidentAgent, requireSupervisor } from './change-incident.ts';
import { incidentSuggestions } from './incidents.table.ts';

/**
 * Sets a suggestion aside for as long as its rise lasts. Dismissed twice, it changes nothing.
 * @throws Problem 403 `supervisors-only`, 404 `no-such-suggestion`.
 */
export async function dismissSuggestion(
  db: Database,
  { agent, id }: { readonly agent: IncidentAgent; readonly id: number },
  now: Date,
): Promise<void> {
  requireSupervisor(agent);
  const [found] = await db
    .select({ id: incidentSuggestions.id })
    .from(incidentSuggestions)
    .where(eq(incidentSuggestions.id, id));
  if (!found) throw new Problem(404, 'no-such-suggestion');
  await db
    .update(incidentSuggestions)
    .set({ dismissedAt: now, dismissedBy: agent.id })
    .where(and(eq(incidentSuggestions.id, id), isNull(incidentSuggestions.dismissedAt)));
}
