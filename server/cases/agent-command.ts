import { eq, inArray, or, type SQL } from 'drizzle-orm';
import type { AgentIdentity } from '../agents/agent-sessions.ts';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { cases } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';
import { applies, type CommandName, commands, isForOwner } from './status.ts';

/** Who may do what, as far as commands on cases need to know. */
export type CaseAgent = Pick<AgentIdentity, 'id' | 'role' | 'hotlines'>;

/** A command that an agent gives on a case. */
export interface AgentCommand {
  readonly agent: CaseAgent;
  readonly number: string;
  /** The version that the agent saw: refused when the case is no longer the same. */
  readonly version?: number | undefined;
}

/** What must hold for the command, as `changeCase` checks it; `refusal` says in words what did not. */
export function allowed(
  name: CommandName,
  { agent, number, version }: AgentCommand,
): readonly [SQL, ...SQL[]] {
  const conditions: [SQL, ...SQL[]] = [
    eq(cases.number, number),
    inArray(cases.hotlineId, [...agent.hotlines]),
    inArray(cases.state, commands[name].from),
  ];
  if (version !== undefined) conditions.push(eq(cases.version, version));
  if (commands[name].by === 'owner' && agent.role !== 'supervisor') {
    const unowned = commands[name].from.filter((state) => !isForOwner(name, state));
    const owner = or(inArray(cases.state, unowned), eq(cases.assigneeId, agent.id));
    if (owner) conditions.push(owner);
  }
  return conditions;
}

/**
 * Why `allowed` did not hold. The case is read after the fact, so this is what is true now.
 * @throws Problem 404 `case-not-found`, 403 `foreign-hotline` or `not-the-owner`, 409 `already-claimed`,
 *   `stale-version`, `case-merged` or `wrong-state`; those about an owner name them (`owner`).
 */
export async function refuse(db: Database, name: CommandName, given: AgentCommand): Promise<never> {
  throw (await refusal(db, name, given)) ?? changedMeanwhile();
}

/** The reason of `refuse`; undefined when nothing stands in the way of the command any more. */
export async function refusal(
  db: Database,
  name: CommandName,
  given: AgentCommand,
): Promise<Problem | undefined> {
  const found = await findForAgent(db, given);
  if (found instanceof Problem) return found;
  const { record, owner } = found;
  const { state, version } = record;
  const other = owner !== null && owner.id !== given.agent.id;
  const naming = { parameters: { owner: owner?.name }, extensions: { owner } };
  if (name === 'claim' && owner && (state === 'in_progress' || (state === 'pending' && other))) {
    return new Problem(409, 'already-claimed', naming);
  }
  if (given.version !== undefined && given.version !== version) {
    return new Problem(409, 'stale-version', { extensions: { version } });
  }
  if (record.mergedInto !== null && commands[name].to !== 'same') return new Problem(409, 'case-merged');
  if (!applies(name, state)) return new Problem(409, 'wrong-state', { extensions: { state } });
  if (isForOwner(name, state) && other && given.agent.role !== 'supervisor') {
    return new Problem(403, 'not-the-owner', naming);
  }
  return undefined;
}

/** The case changed and changed back while the command was decided on. */
export function changedMeanwhile(): Problem {
  return new Problem(409, 'stale-version');
}

/**
 * The case with its owner, or why this agent may not see it: 404 `case-not-found`, 403 `foreign-hotline`.
 * Which hotline has a case is no secret among agents, so the two are told apart.
 */
export async function findForAgent(
  db: Database,
  { agent, number }: Pick<AgentCommand, 'agent' | 'number'>,
): Promise<FoundCase | Problem> {
  const [found] = await db
    .select({ record: cases, owner: { id: agents.id, name: agents.name } })
    .from(cases)
    .leftJoin(agents, eq(agents.id, cases.assigneeId))
    .where(eq(cases.number, number));
  if (!found) return new Problem(404, 'case-not-found');
  return agent.hotlines.includes(found.record.hotlineId) ? found : new Problem(403, 'foreign-hotline');
}

export interface FoundCase {
  readonly record: CaseRecord;
  /** Who has the case, or had it when it was resolved. */
  readonly owner: CaseOwner | null;
}

export interface CaseOwner {
  readonly id: string;
  readonly name: string;
}
