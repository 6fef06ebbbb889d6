import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { adverseEvents, injections, recordVersions } from '../records/acts/acts.table.ts';
import { type Injection, selectInjections } from '../records/acts/find-act.ts';
import { shownOnce } from '../records/acts/shown-once.ts';
import { selectAdverseEvents } from '../records/adverse-events/find-adverse-events.ts';
import { personsOf } from '../records/patients/persons.ts';
import type { VaccineList } from '../records/rules/vaccines.ts';
import { type Resource, toImmunization } from './to-fhir.ts';

/**
 * Injections as resources, with the onsets of what followed them and why they were set aside.
 * @param doubles entries of the same doses in merged records: what followed those is told of the ones found.
 */
export async function describeImmunizations(
  tx: Database,
  rules: VaccineList,
  found: readonly Injection[],
  doubles: ReadonlyMap<string, readonly Injection[]> = new Map(),
): Promise<readonly Resource[]> {
  if (found.length === 0) return [];
  const idsOf = ({ id }: Injection) => [id, ...(doubles.get(id) ?? []).map((each) => each.id)];
  const events = await selectAdverseEvents(
    tx,
    and(inArray(adverseEvents.injectionId, found.flatMap(idsOf)), eq(adverseEvents.state, 'recorded')),
  );
  const onsets = events.map(({ injection, occurredAt }) => ({ id: injection.id, occurredAt }));
  return Promise.all(
    found.map(async (injection) =>
      toImmunization(injection, rules, {
        onsets: onsets.filter(({ id }) => idsOf(injection).includes(id)).map(({ occurredAt }) => occurredAt),
        inErrorBecause: injection.state === 'recorded' ? null : await reasonOf(tx, injection.id),
      }),
    ),
  );
}

/** The entries of merged records that stand behind the doses of a page, by the dose that is shown. */
export async function doublesOf(
  tx: Database,
  patientId: string,
  found: readonly Injection[],
): Promise<ReadonlyMap<string, readonly Injection[]>> {
  if (found.length === 0) return new Map();
  const pairs = found.map(({ vaccine, day }) => sql`(${vaccine}::text, ${day}::date)`);
  const same = await selectInjections(
    tx,
    and(
      sql`${injections.patientId} in ${personsOf(patientId)}`,
      eq(injections.state, 'recorded'),
      sql`(${injections.vaccine}, ${injections.day}) in (${sql.join(pairs, sql`, `)})`,
    ),
  );
  return shownOnce(patientId, same).doubles;
}

/** Why an injection was set aside, as its history has it. */
async function reasonOf(tx: Database, id: string): Promise<string | null> {
  const [last] = await tx
    .select({ reason: recordVersions.reason })
    .from(recordVersions)
    .where(
      and(
        eq(recordVersions.kind, 'injection'),
        eq(recordVersions.recordId, id),
        eq(recordVersions.change, 'enter_in_error'),
      ),
    )
    .orderBy(desc(recordVersions.version))
    .limit(1);
  return last?.reason ?? null;
}
