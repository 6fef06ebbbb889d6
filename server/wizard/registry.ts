import type { Flow } from './flow.ts';
import { connection } from './flows/connection.ts';

const flows: ReadonlyMap<string, Flow> = new Map([[connection.id, connection]]);

/** The flow that a new session walks. */
export const currentFlow: Flow = connection;

/** Every flow, in the order in which they are shown. */
export function listFlows(): readonly Flow[] {
  return [...flows.values()];
}

/** The flow of that id, in its only kept version: the newest. */
export function findFlow(id: string): Flow | undefined {
  return flows.get(id);
}

/** Which flow a stored session goes on with. */
export interface ChosenFlow {
  readonly flow: Flow;
  /** True when the questions are no longer those the answers were given to: some may have to be asked again. */
  readonly changed: boolean;
}

/**
 * The flow for a session stored against `id` and `version`. Old versions are not kept: the answers are replayed on the
 * newest, which keeps those that still fit and asks again from the first that does not. A flow that is gone, or a version
 * newer than ours (another server is being upgraded), is a changed flow too.
 */
export function chooseFlow(stored: { readonly id: string; readonly version: number }): ChosenFlow {
  const flow = flows.get(stored.id);
  if (!flow) return { flow: currentFlow, changed: true };
  return { flow, changed: flow.version !== stored.version };
}
