import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { agents } from './agents.table.ts';

/** How an agent is called; null for an id that nobody has. */
export async function findAgentName(db: Database, agentId: string): Promise<string | null> {
  const [found] = await db.select({ name: agents.name }).from(agents).where(eq(agents.id, agentId));
  return found?.name ?? null;
}
