import { type Counts, type StoredRow, toCaseRow } from '../cases/case-row.ts';
import { openStates } from '../cases/status.ts';
import type { Language } from '../texts.ts';
import type { Views } from '../views.ts';
import type { LogEntry } from './log.ts';
import type { EventMessage, SnapshotMessage } from './messages.ts';

/** In which form a client wants its messages. */
export interface Form {
  readonly language: Language;
  /** Whether rows also come as the desk's page shows them. */
  readonly html: boolean;
}

/** A message that is worded once for each form, however many clients get it. */
export type Worded = (form: Form) => string;

/** The rows of a hotline's queue at one moment. */
export interface QueueView {
  readonly rows: readonly StoredRow[];
  readonly counts: Counts;
  readonly truncated: boolean;
}

/** Words the snapshot of a queue; `seq` is said apart, since it depends on where a client resumes. */
export function snapshotWording(views: Views, view: QueueView): (form: Form, seq: number) => string {
  const rest = once(({ language, html }) => {
    const { seq: _, ...message }: SnapshotMessage = {
      type: 'snapshot',
      seq: 0,
      rows: view.rows.map((stored) => {
        const row = toCaseRow(stored, language);
        return html ? { ...row, html: views.partial('desk/case-row', language, { row }) } : row;
      }),
      counts: view.counts,
      ...(view.truncated && { truncated: true }),
    };
    return JSON.stringify(message);
  });
  return (form, seq) => `{"seq":${seq},${rest(form).slice(1)}`;
}

/**
 * Words an event of `hotlineId`'s log, with the case as it is now (`stored`): a row while the hotline's queue holds
 * it, else its removal.
 */
export function eventWording(
  views: Views,
  hotlineId: string,
  entry: LogEntry,
  stored: StoredRow | undefined,
  counts: Counts,
): Worded {
  const held = stored?.hotlineId === hotlineId && openStates.some((state) => state === stored.state);
  return once(({ language, html }) => {
    const row = held ? toCaseRow(stored, language) : undefined;
    const message: EventMessage = {
      type: 'event',
      seq: entry.seq,
      event: entry.kind,
      number: entry.number,
      version: entry.version,
      ...(row ? { row } : { removed: true }),
      ...(row && html && { html: views.partial('desk/case-row', language, { row }) }),
      counts,
    };
    return JSON.stringify(message);
  });
}

function once(word: Worded): Worded {
  const said = new Map<string, string>();
  return (form) => {
    const key = `${form.language} ${form.html}`;
    const text = said.get(key) ?? word(form);
    said.set(key, text);
    return text;
  };
}
