import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { Problem } from '../problem.ts';
import { checkHotline, checkRulesCovered, tidied } from './check-hotline.ts';
import { findHotline, type RoutingConfiguration } from './configuration.ts';
import { editingConfiguration, recordChange } from './configuration-history.ts';
import { decisionHoles } from './decision-holes.ts';
import { documentOf, type HotlineDocument, hotlineOf } from './hotline-document.ts';
import { hotlines } from './hotlines.table.ts';
import { loadConfiguration } from './load-configuration.ts';
import { columnsOf, writeHours } from './write-hotline.ts';

export interface HotlineEdit {
  readonly agent: { readonly id: string };
  readonly id: string;
  /** The one that the supervisor saw. */
  readonly version: number;
  readonly document: HotlineDocument;
}

/**
 * Replaces all that is configured of a line, and writes down who did.
 * @returns the line's new version.
 * @throws Problem 404 `not-found`; 409 `configuration-changed` when somebody saved meanwhile; 422 `invalid` with every
 *   field at fault.
 */
export async function saveHotline(db: Database, edit: HotlineEdit, now: Date): Promise<number> {
  const { agent, id, version } = edit;
  const document = tidied(edit.document);
  return editingConfiguration(db, async (tx) => {
    const configuration = await loadConfiguration(tx);
    const found = findHotline(configuration, id);
    if (!found) throw new Problem(404, 'not-found');
    const before = documentOf(found);
    const newVersion = await recordChange(tx, {
      subject: `hotline:${id}`,
      version,
      at: now,
      agentId: agent.id,
      before,
      after: document,
    });
    refuseFaults(configuration, id, document, now);
    await tx.update(hotlines).set(columnsOf(document)).where(eq(hotlines.id, id));
    await writeHours(tx, id, document);
    // Callbacks were booked by the hours that were.
    await tx.insert(outbox).values({ job: 'review-callbacks', payload: {}, notBefore: now, createdAt: now });
    return newVersion;
  });
}

/**
 * Refuses a tidied document that cannot be a line of this configuration.
 * @throws Problem 422 `invalid`.
 */
export function refuseFaults(
  configuration: RoutingConfiguration,
  id: string,
  document: HotlineDocument,
  now: Date,
): void {
  const errors = checkHotline(document);
  if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
  const uncovered = checkRulesCovered(id, document, configuration.rules, now);
  if (uncovered.length > 0) throw new Problem(422, 'invalid', { errors: uncovered });
  // The dates of a rule are read in its line's zone: another zone may leave some hours to no rule.
  const changed = {
    ...configuration,
    hotlines: configuration.hotlines.map((line) => (line.id === id ? hotlineOf(id, document) : line)),
  };
  if (decisionHoles(changed, now).length > 0 && decisionHoles(configuration, now).length === 0) {
    throw new Problem(422, 'invalid', {
      errors: [{ path: '/zone', key: 'configuration.errors.zoneLeavesHoles' }],
    });
  }
}
