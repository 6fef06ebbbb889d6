import type { AgentIdentity } from '../agents/agent-sessions.ts';
import { Problem } from '../problem.ts';

/** Lets supervisors through. @throws Problem 403 `supervisors-only` for anybody else. */
export function onlySupervisors({ role }: Pick<AgentIdentity, 'role'>): void {
  if (role !== 'supervisor') throw new Problem(403, 'supervisors-only');
}
