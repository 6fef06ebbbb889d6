import { subscribe } from 'node:diagnostics_channel';
import type { NirWatch } from './watch.ts';

/** Searches every line that any log of this process writes, by whatever stream: pino tells of each. */
export function watchLogs(watch: NirWatch): void {
  subscribe('tracing:pino_asJson:end', (message) => {
    // What pino's documentation calls the context: the line is its result.
    const { result } = message as { readonly result?: unknown };
    if (typeof result === 'string') watch.look('a line of the log', result);
  });
}
