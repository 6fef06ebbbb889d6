import type { Database } from '../../database/client.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import { earliestFirst } from '../rules/dose-rules/history.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import type { Entry } from './act-entry.ts';
import type { FormValues } from './act-form.ts';
import { readScan } from './check-injection.ts';
import { getDoseContext } from './dose-context.ts';
import { proposeTotal } from './dose-total.ts';
import type { DraftSource } from './draft.ts';

/** An injection's form with what its sending has filled in, and where each such value comes from. */
export interface FilledForm {
  readonly values: FormValues;
  readonly sources: Readonly<Record<string, DraftSource>>;
}

/**
 * What was scanned, in the fields that it fills: it wins over what was drafted. Then the total, once the vaccine is known.
 * @throws Problem 422 `invalid` for a scan that cannot be read; as `getDoseContext`; 503 `access-not-logged`.
 */
export async function fillForm(
  db: Database,
  entry: Entry,
  { patientId, typed }: { readonly patientId: string; readonly typed: FormValues },
  rules: RecordRules,
  now: Date,
): Promise<FilledForm> {
  const values = withScan(typed, rules, now);
  const { vaccine = '', doseTotal = '', date = '' } = values;
  const otherVaccine = vaccine !== (typed.vaccine ?? '');
  if (vaccine === '' || (doseTotal.trim() !== '' && !otherVaccine)) return { values, sources: {} };
  const { history } = await getDoseContext(db, patientId);
  await logAccess(db, { ...entry, patientId, action: 'injection.draft' }, now);
  const rank = /^[1-9]\d?$/.test(values.doseRank ?? '') ? Number(values.doseRank) : 1;
  const last = [...history.doses].sort(earliestFirst).at(-1);
  const course = { lastTotal: last?.doseTotal, infections: history.infections, rank };
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : parisDay(now);
  const proposed = proposeTotal(course, vaccine, rules, day);
  const ofDrafted = proposeTotal(course, typed.vaccine || undefined, rules, day);
  // A total that was typed stands; one that was drafted for another vaccine than the one scanned does not.
  const untouched = doseTotal.trim() === '' || doseTotal === String(ofDrafted?.value);
  if (!proposed || !untouched) return { values, sources: {} };
  return {
    values: { ...values, doseTotal: String(proposed.value) },
    sources: { doseTotal: proposed.from },
  };
}

function withScan(typed: FormValues, rules: RecordRules, now: Date): FormValues {
  const scanned = readScan(typed.scan, rules, now);
  if ('error' in scanned) throw new Problem(422, 'invalid', { errors: [scanned.error] });
  const { vaccine, lot, lotExpiry, gtin, serial } = scanned;
  const read = Object.entries({ vaccine, lot, lotExpiry, gtin, serial }).filter(([, value]) => value);
  if (read.length === 0) return typed;
  // Another box than the one drafted: what it does not say is not known of it.
  const cleared = lot && lot !== typed.lot ? { lotExpiry: '', gtin: '', serial: '' } : {};
  return { ...typed, ...cleared, ...Object.fromEntries(read), scan: '' };
}
