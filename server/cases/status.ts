import type { CaseState } from './cases.table.ts';

/** Who may give a command, beside any supervisor: an agent of the case's hotline, or the one who has the case. */
type By = 'hotline' | 'owner';

interface Rule {
  readonly from: readonly CaseState[];
  /** `same` leaves the state as it is. */
  readonly to: CaseState | 'same';
  readonly by: By;
}

/**
 * What agents may do to a case, from which states, and where it leads. A case that nobody has is everybody's: `owner`
 * binds only where there is one, in `in_progress` and `pending`.
 */
export const commands = {
  /** `pending` only for the one who has it: they take it up again. */
  claim: { from: ['waiting', 'pending'], to: 'in_progress', by: 'owner' },
  release: { from: ['in_progress', 'pending'], to: 'waiting', by: 'owner' },
  transfer: { from: ['waiting', 'in_progress', 'pending'], to: 'waiting', by: 'owner' },
  assign: { from: ['waiting', 'in_progress', 'pending'], to: 'in_progress', by: 'owner' },
  resolve: { from: ['in_progress', 'pending'], to: 'resolved', by: 'owner' },
  reopen: { from: ['resolved', 'closed'], to: 'waiting', by: 'hotline' },
  prioritise: { from: ['waiting', 'in_progress', 'pending'], to: 'same', by: 'owner' },
  note: { from: ['waiting', 'in_progress', 'pending', 'resolved', 'closed'], to: 'same', by: 'hotline' },
  /** Says what became of a call that was booked: whoever of the line made it. */
  callback: { from: ['waiting', 'in_progress', 'pending'], to: 'same', by: 'hotline' },
  message: { from: ['waiting', 'in_progress', 'pending', 'resolved'], to: 'same', by: 'owner' },
  /** Says something and waits for the practitioner's answer, without keeping one of the agent's places. */
  ask: { from: ['in_progress', 'pending'], to: 'pending', by: 'owner' },
  merge: { from: ['waiting', 'in_progress', 'pending', 'resolved'], to: 'closed', by: 'owner' },
} as const satisfies Readonly<Record<string, Rule>>;

export type CommandName = keyof typeof commands;

/** The states in which a case is somebody's. */
export const ownedStates = ['in_progress', 'pending'] as const satisfies readonly CaseState[];

/** The states in which a case is in the live queue. */
export const openStates = ['waiting', 'in_progress', 'pending'] as const satisfies readonly CaseState[];
export type OpenState = (typeof openStates)[number];

/** Whether the command can be given in that state, by somebody allowed to. */
export function applies(command: CommandName, state: CaseState): boolean {
  return commands[command].from.some((from) => from === state);
}

/** Whether the command is for the one who has the case, in that state. */
export function isForOwner(command: CommandName, state: CaseState): boolean {
  return commands[command].by === 'owner' && ownedStates.some((owned) => owned === state);
}
