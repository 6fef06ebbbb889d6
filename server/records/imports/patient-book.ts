import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { maxHits, namesFit, withoutMerged } from '../patients/find-patients.ts';
import type { NameKeys } from '../patients/name-likeness.ts';
import { patientNirs, patients } from '../patients/patients.table.ts';
import type { ReadyRow } from './prepare-row.ts';

/** What tells a patient from another. */
export interface KnownPatient extends NameKeys {
  readonly id: string;
  readonly birthDate: string;
  readonly mergedInto: string | null;
}

/** Whose a row is, and what was looked at to tell: as a search and a new entry by hand would have. */
export interface Meeting {
  readonly who: KnownPatient | 'nobody-yet' | 'unclear';
  readonly seen: readonly { readonly action: string; readonly patientId: string | null }[];
}

/** The patients of whom the rows of a batch may speak, read together; those that the batch makes are added. */
export interface PatientBook {
  meet(row: ReadyRow): Meeting;
  add(row: ReadyRow, id: string): void;
}

/**
 * Reads whoever has one of the rows' NIRs; and where that does not tell who it is, whoever was born on the same day. Hold
 * the locks of the rows' persons.
 */
export async function openPatientBook(tx: Database, rows: readonly ReadyRow[]): Promise<PatientBook> {
  const byIndex = new Map<string, KnownPatient[]>();
  const byDay = new Map<string, KnownPatient[]>();
  const withNir = (row: ReadyRow) =>
    unique((row.number?.indexes ?? []).flatMap((index) => byIndex.get(index.toString('hex')) ?? []));

  const indexes = rows.flatMap(({ number }) => number?.indexes ?? []);
  if (indexes.length > 0) {
    const found = await tx
      .select({ ...columns, blindIndex: patientNirs.blindIndex })
      .from(patients)
      .innerJoin(patientNirs, sql`${patientNirs.patientId} = ${patients.id}`)
      .where(sql`${patientNirs.blindIndex} = any(${sql.param(indexes)}::bytea[])`)
      .orderBy(patients.id);
    for (const { blindIndex, ...patient } of found) push(byIndex, blindIndex.toString('hex'), patient);
  }
  const unknown = rows.filter((row) => only(withNir(row).filter(isOf(row))) === undefined);
  const days = [...new Set(unknown.map(({ traits }) => traits.birthDate))];
  if (days.length > 0) {
    const born = await tx
      .select(columns)
      .from(patients)
      .where(sql`${patients.birthDate} = any(${sql.param(days)}::date[])`)
      .orderBy(patients.familyNameKey, patients.givenNamesKey, patients.id);
    for (const patient of born) push(byDay, patient.birthDate, patient);
  }

  return {
    meet(row) {
      const { number, traits } = row;
      const seen: { action: string; patientId: string | null }[] = [];
      const sameNir = withNir(row);
      if (number !== null) {
        const hits = withoutMerged(sameNir).slice(0, maxHits);
        const searched = hits.length === 0 ? [null] : hits.map(({ id }) => id);
        seen.push(...searched.map((patientId) => ({ action: 'patients.search', patientId })));
        const one = only(hits.filter(isOf(row)));
        if (one) return { who: one, seen };
      }
      const asked = { familyKey: traits.familyNameKey, givenKey: traits.givenNamesKey };
      const alike = (byDay.get(traits.birthDate) ?? [])
        .filter((each) => namesFit(asked, each))
        .slice(0, maxHits + 1);
      const likely = withoutMerged(unique([...sameNir, ...alike])).slice(0, maxHits);
      if (likely.length === 0) return { who: 'nobody-yet', seen };
      seen.push(...likely.map(({ id }) => ({ action: 'patients.likely', patientId: id })));
      const one = only(likely.filter(isOf(row)));
      return { who: one && number === null ? one : 'unclear', seen };
    },
    add({ traits, number }, id) {
      const { birthDate, familyNameKey, givenNamesKey } = traits;
      const patient = {
        ...{ id, birthDate, familyNameKey, givenNamesKey },
        ...{ usedFamilyNameKey: null, usedGivenName: null, mergedInto: null },
      };
      push(byDay, birthDate, patient);
      if (number !== null) push(byIndex, number.blindIndex.toString('hex'), patient);
    },
  };
}

const columns = {
  id: patients.id,
  birthDate: patients.birthDate,
  familyNameKey: patients.familyNameKey,
  givenNamesKey: patients.givenNamesKey,
  usedFamilyNameKey: patients.usedFamilyNameKey,
  usedGivenName: patients.usedGivenName,
  mergedInto: patients.mergedInto,
};

/** Whether a patient has exactly the birth date and the names of a row. */
function isOf({ traits }: ReadyRow): (each: KnownPatient) => boolean {
  return (each) =>
    each.birthDate === traits.birthDate &&
    each.familyNameKey === traits.familyNameKey &&
    each.givenNamesKey === traits.givenNamesKey;
}

function only<Value>([one, ...others]: readonly Value[]): Value | undefined {
  return others.length === 0 ? one : undefined;
}

function unique(hits: readonly KnownPatient[]): readonly KnownPatient[] {
  return [...new Map(hits.map((each) => [each.id, each])).values()];
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
