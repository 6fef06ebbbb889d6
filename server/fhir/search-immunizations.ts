import { and, inArray, type SQL, sql } from 'drizzle-orm';
import { injections } from '../records/acts/acts.table.ts';
import { personsOf } from '../records/patients/persons.ts';
import type { VaccineList } from '../records/rules/vaccines.ts';
import { dateConditions, idsOf, oneOf, type SearchParameters } from './search.ts';
import { systems } from './systems.ts';

/** The injections of a person that a search asks for, each dose of merged records once, as a condition of the database. */
export function immunizationCondition(
  patientId: string,
  search: SearchParameters,
  list: VaccineList,
): SQL | undefined {
  const ids = idsOf(search);
  return and(
    sql`${injections.patientId} in ${personsOf(patientId)}`,
    sql`not ${isDouble(patientId)}`,
    ids && inArray(injections.id, [...ids]),
    statusCondition(oneOf(search, 'status')),
    vaccineCondition(oneOf(search, 'vaccine-code'), list),
    ...dateConditions(search, 'date', injections.occurredAt),
    ...dateConditions(search, '_lastUpdated', injections.updatedAt),
  );
}

/** Entries of the doses of merged records that stand behind another: as `shownOnce` has it. */
function isDouble(patientId: string): SQL {
  const { vaccine, day, state, notADuplicate, createdAt, id } = injections;
  return sql`(${state} = 'recorded' and not ${notADuplicate} and exists (
    select from ${injections} other
    where other.patient_id in ${personsOf(patientId)} and other.vaccine = ${vaccine} and other.day = ${day}
      and other.state = 'recorded' and not other.not_a_duplicate and other.id <> ${id}
      and (other.patient_id <> ${patientId}::uuid, other.created_at, ${id})
        < (${injections.patientId} <> ${patientId}::uuid, ${createdAt}, other.id)))`;
}

const states: Readonly<Record<string, string>> = {
  completed: 'recorded',
  'entered-in-error': 'entered_in_error',
};

function statusCondition(status: string | undefined): SQL | undefined {
  if (status === undefined) return undefined;
  const wanted = status.split(',').flatMap((each) => states[each.split('|').at(-1) ?? ''] ?? []);
  return sql`${injections.state} = any(${sql.param(wanted)}::text[])`;
}

/** By any of the codes that our resources carry: our key, or what is known of that vaccine on the day it was given. */
function vaccineCondition(asked: string | undefined, list: VaccineList): SQL | undefined {
  if (asked === undefined) return undefined;
  const any = asked.split(',').flatMap((token) => {
    const [code = '', system] = token.split('|').reverse();
    const fits = (codeSystem: string, value: string) =>
      value === code && (system === undefined || system === codeSystem);
    const known = list.vaccines
      .filter(
        ({ emaNumber, atc, prophylaxis }) =>
          fits(systems.emaNumber, emaNumber) || fits(systems.atc, atc) || fits(systems.snomed, prophylaxis),
      )
      .map(
        ({ vaccine, validFrom, validTo }) => sql`(${injections.vaccine} = ${vaccine}
          and (${validFrom}::date is null or ${injections.day} >= ${validFrom}::date)
          and (${validTo}::date is null or ${injections.day} < ${validTo}::date))`,
      );
    return system === undefined || system === systems.vaccine
      ? [...known, sql`${injections.vaccine} = ${code}`]
      : known;
  });
  return any.length === 0 ? sql`false` : sql`(${sql.join(any, sql` or `)})`;
}
