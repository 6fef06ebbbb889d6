import { parisDay } from '../../paris-day.ts';
import type { FieldProblem } from '../../problem.ts';
import { readGs1 } from '../rules/gs1.ts';
import { findVaccine, type VaccineList, vaccineOfGtin } from '../rules/vaccines.ts';
import { type ActPlace, checkPlace } from './act-place.ts';
import type { injections } from './acts.table.ts';
import type { InjectionInput } from './injection-body.ts';

/** What an injection says, checked and as it is stored. */
export type InjectionFacts = ActPlace &
  Pick<
    typeof injections.$inferSelect,
    | 'occurredAt'
    | 'day'
    | 'consultationId'
    | 'vaccine'
    | 'lot'
    | 'lotExpiry'
    | 'gtin'
    | 'serial'
    | 'arm'
    | 'site'
    | 'route'
    | 'doseVolume'
    | 'doseRank'
    | 'doseTotal'
  >;

export type InjectionCheck =
  | { readonly facts: InjectionFacts; readonly warnings: readonly FieldProblem[] }
  | { readonly errors: readonly FieldProblem[] };

/** A clock may be this much ahead of ours. */
const clockToleranceMs = 2 * 60_000;

/**
 * Refuses the impossible alone: a future date, one before birth, a vaccine unknown on that day, a lot that had expired
 * and no reason given, values that cannot be read. Everything else is for the dose rules to warn of.
 * @param birthDate YYYY-MM-DD
 */
export function checkInjection(
  given: InjectionInput,
  { vaccines, birthDate }: { readonly vaccines: VaccineList; readonly birthDate: string },
  now: Date,
): InjectionCheck {
  const occurredAt = new Date(given.occurredAt);
  const day = parisDay(occurredAt);
  const scanned = readScan(given.scan, vaccines, now);
  if ('error' in scanned) return { errors: [scanned.error] };
  const vaccine = given.vaccine?.trim() || scanned.vaccine || '';
  const lot = (given.lot?.trim() || scanned.lot || '').toUpperCase();
  const lotExpiry = given.lotExpiry ?? scanned.lotExpiry ?? null;
  const gtin = given.gtin?.padStart(14, '0') ?? scanned.gtin ?? null;
  const place = checkPlace(given.place);
  const errors: FieldProblem[] = [...instantProblems(occurredAt, day, birthDate, now)];
  if ('errors' in place) errors.push(...place.errors);
  if (vaccine === '') errors.push({ path: '/vaccine', key: 'records-acts.errors.vaccine_missing' });
  else if (!findVaccine(vaccines, vaccine, day)) {
    errors.push({ path: '/vaccine', key: 'records-acts.errors.vaccine_unknown' });
  }
  if (lot === '') errors.push({ path: '/lot', key: 'records-acts.errors.lot_missing' });
  else if (!/^[!-~]{1,20}$/.test(lot)) errors.push({ path: '/lot', key: 'records-acts.errors.lot_format' });
  if (lotExpiry !== null && lotExpiry < day && !given.overrideReason?.trim()) {
    errors.push({ path: '/lotExpiry', key: 'records-acts.errors.lot_expired' });
  }
  if (given.notADuplicate && !given.overrideReason?.trim()) {
    errors.push({ path: '/overrideReason', key: 'records-acts.errors.reason_missing' });
  }
  if ('errors' in place || errors.length > 0) return { errors };
  const ofBox = gtin === null ? undefined : vaccineOfGtin(vaccines, gtin);
  return {
    facts: {
      ...place.place,
      occurredAt,
      day,
      consultationId: given.consultationId ?? null,
      vaccine,
      lot,
      lotExpiry,
      gtin,
      serial: given.serial?.trim() || scanned.serial || null,
      arm: given.arm ?? null,
      site: given.site?.trim() || null,
      route: given.route,
      doseVolume: given.doseVolume ?? null,
      doseRank: given.doseRank,
      doseTotal: given.doseTotal,
    },
    warnings: [
      ...place.warnings,
      ...(ofBox !== undefined && ofBox !== vaccine
        ? [{ path: '/vaccine', key: 'records-acts.warnings.other_box' }]
        : []),
      ...(scanned.doubtful ? [{ path: '/lot', key: 'records-rules.scan.separator' }] : []),
    ],
  };
}

/** What is wrong with the moment of an act: not yet, or before the person was born. */
export function instantProblems(
  occurredAt: Date,
  day: string,
  birthDate: string,
  now: Date,
): readonly FieldProblem[] {
  const path = '/occurredAt';
  if (occurredAt.getTime() > now.getTime() + clockToleranceMs) {
    return [{ path, key: 'records-acts.errors.future' }];
  }
  return day < birthDate ? [{ path, key: 'records-acts.errors.before_birth' }] : [];
}

export interface Scanned {
  readonly vaccine?: string | undefined;
  readonly lot?: string | null;
  readonly lotExpiry?: string | null;
  readonly gtin?: string | null;
  readonly serial?: string | null;
  readonly doubtful?: boolean;
}

/** What a scan says; nothing when there is none. */
export function readScan(
  scan: string | undefined,
  vaccines: VaccineList,
  now: Date,
): Scanned | { readonly error: FieldProblem } {
  if (scan === undefined || scan.trim() === '') return {};
  const read = readGs1(scan, Number(parisDay(now).slice(0, 4)));
  if (!read.ok) {
    const parameters = { identifier: read.identifier ?? '' };
    return { error: { path: '/scan', key: `records-rules.gs1.${read.fault}`, parameters } };
  }
  const { gtin, lot, serial, expiry } = read;
  const vaccine = gtin === null ? undefined : vaccineOfGtin(vaccines, gtin);
  return { gtin, lot, serial, lotExpiry: expiry, vaccine, doubtful: read.separatorDoubtful };
}
