import { randomUUID } from 'node:crypto';
import type { Database } from '../database/client.ts';
import { type AgentRole, agentHotlines, agents } from './agents.table.ts';
import { hashPassword } from './passwords.ts';

export interface NewAgent {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly role?: AgentRole;
  /** Hotlines the agent answers; a supervisor sees every one without being named for it. */
  readonly hotlines: readonly string[];
  readonly capacity?: number;
}

/**
 * Opens an agent's account, away until they say otherwise. @returns its id, or undefined when the address already
 * has an account, which is left as it is.
 */
export async function createAgent(db: Database, agent: NewAgent, now: Date): Promise<string | undefined> {
  const { email, name, password, hotlines, ...rest } = agent;
  const passwordHash = await hashPassword(password);
  return db.transaction(async (tx) => {
    const [created] = await tx
      .insert(agents)
      .values({
        id: randomUUID(),
        email: email.trim().toLowerCase(),
        name,
        passwordHash,
        presenceSince: now,
        ...rest,
      })
      .onConflictDoNothing({ target: agents.email })
      .returning({ id: agents.id });
    if (!created) return undefined;
    const rows = [...new Set(hotlines)].map((hotlineId) => ({ agentId: created.id, hotlineId }));
    if (rows.length > 0) await tx.insert(agentHotlines).values(rows);
    return created.id;
  });
}
