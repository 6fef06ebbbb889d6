import { inArray, sql } from 'drizzle-orm';
import { issuedCertificates } from '../../certificates/certificates.table.ts';
import type { RecordsConfig } from '../../config.ts';
import type { Database } from '../../database/client.ts';
import { parisDay } from '../../paris-day.ts';
import { adverseEvents, consultations, injections, recordVersions } from '../acts/acts.table.ts';
import { summaryBatches, summaryBatchItems } from '../documents/documents.table.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { patientNirs, patients } from '../patients/patients.table.ts';
import { personsOf } from '../patients/persons.ts';
import { archivedRecords } from './archived-records.table.ts';

/** A person whose record has had its time: the records merged together, as one. */
export interface DueRecord {
  readonly patientId: string;
  /** YYYY-MM-DD. */
  readonly lastActOn: string;
  /** Every record that goes, the person's own first. */
  readonly patientIds: readonly string[];
}

export interface Archived {
  /** Moved to the dedicated base; with `dryRun`, what would be. */
  readonly archived: readonly DueRecord[];
  /** Erased from the dedicated base for good; with `dryRun`, what would be. */
  readonly erased: readonly string[];
}

/**
 * Moves to the dedicated base, sealed, the records of whoever had no act for as long as records are kept, with all that
 * is theirs; and erases from that base what has been there long enough. A person without any act counts from the day
 * the record was made. One transaction a person: stopped half-way, it goes on the next time. The log of accesses is not
 * touched: it has a time of its own.
 * @param options.dryRun says what would be done, and does nothing.
 */
export async function archiveRecords(
  db: Database,
  vault: NirVault,
  config: Pick<RecordsConfig, 'keptYears' | 'archivedYears'>,
  now: Date,
  options: { readonly dryRun: boolean },
): Promise<Archived> {
  const today = parisDay(now);
  const before = yearsFrom(today, -config.keptYears);
  const archived: DueRecord[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const due = await findDue(db, before, after);
    const last = due.at(-1);
    if (last === undefined) break;
    after = last.patientId;
    for (const each of due) {
      if (options.dryRun || (await archive(db, vault, each, before, config.archivedYears, now)))
        archived.push(each);
    }
  }
  const over = sql`${archivedRecords.keptUntil} < ${today}`;
  const erased = options.dryRun
    ? await db.select({ id: archivedRecords.patientId }).from(archivedRecords).where(over)
    : await db.delete(archivedRecords).where(over).returning({ id: archivedRecords.patientId });
  return { archived, erased: erased.map(({ id }) => id) };
}

const batchSize = 100;

/** The day of the last act of a person and of whoever was merged into them; the record's own when there is none. */
const lastAct = (persons: ReturnType<typeof sql>) => sql`
  greatest(
    (select max(created_at) from ${patients} where id in ${persons}),
    (select max(occurred_at) from ${consultations} where patient_id in ${persons}),
    (select max(occurred_at) from ${injections} where patient_id in ${persons}),
    (select max(occurred_at) from ${adverseEvents} where patient_id in ${persons}))`;

async function findDue(db: Database, before: string, after: string): Promise<readonly DueRecord[]> {
  const persons = sql`(with recursive persons (id) as (select person.id
    union select merged.id from ${patients} merged join persons on merged.merged_into = persons.id)
    select id from persons)`;
  const { rows } = await db.execute<{ patientId: string; lastActOn: string; others: string[] | null }>(sql`
    select person.id as "patientId", (last.at at time zone 'Europe/Paris')::date::text as "lastActOn",
      (select array_agg(id order by id) from ${persons} all_of_them where id <> person.id) as others
    from ${patients} person, lateral (select ${lastAct(persons)} as at) last
    where person.merged_into is null and person.id > ${after}::uuid
      and person.created_at < ${before}::date + interval '1 day'
      and (last.at at time zone 'Europe/Paris')::date < ${before}::date
    order by person.id limit ${batchSize}`);
  return rows.map(({ patientId, lastActOn, others }) => ({
    patientId,
    lastActOn,
    patientIds: [patientId, ...(others ?? [])],
  }));
}

/** @returns false when somebody has entered something since. */
async function archive(
  db: Database,
  vault: NirVault,
  { patientId, patientIds }: DueRecord,
  before: string,
  archivedYears: number,
  now: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const ids = [...patientIds];
    // Whoever is about to enter an act on it waits, and then finds no record.
    const locked = await tx
      .select()
      .from(patients)
      .where(inArray(patients.id, ids))
      .orderBy(patients.id)
      .for('update');
    const { rows } = await tx.execute<{ on: string; persons: number }>(sql`
      select (${lastAct(personsOf(patientId))} at time zone 'Europe/Paris')::date::text as "on",
        (select count(*)::int from ${personsOf(patientId)} persons) as persons`);
    const [last] = rows;
    if (!last || last.on >= before || last.persons !== ids.length || locked.length !== ids.length)
      return false;

    const nirs = await tx.select().from(patientNirs).where(inArray(patientNirs.patientId, ids));
    const content = {
      patients: locked,
      nirs: nirs.map((row) => ({
        patientId: row.patientId,
        nir: vault.openNir(row, row.patientId),
        ofParent: row.ofParent,
      })),
      consultations: await tx.select().from(consultations).where(inArray(consultations.patientId, ids)),
      injections: await tx.select().from(injections).where(inArray(injections.patientId, ids)),
      adverseEvents: await tx.select().from(adverseEvents).where(inArray(adverseEvents.patientId, ids)),
      versions: await tx.select().from(recordVersions).where(inArray(recordVersions.patientId, ids)),
    };
    await tx.insert(archivedRecords).values({
      patientId,
      lastActOn: last.on,
      archivedAt: now,
      keptUntil: yearsFrom(parisDay(now), archivedYears),
      ...vault.seal(JSON.stringify(content), patientId, 'archive'),
    });
    await remove(tx, ids);
    return true;
  });
}

/** Takes all that is a person's out of the tables, what points at others first. */
async function remove(tx: Database, ids: string[]): Promise<void> {
  const theirs = sql`(select id from ${injections} where ${inArray(injections.patientId, ids)})`;
  await tx.execute(sql`update record_import_rows set injection_id = null where injection_id in ${theirs}`);
  await tx.delete(adverseEvents).where(inArray(adverseEvents.patientId, ids));
  await tx.delete(injections).where(inArray(injections.patientId, ids));
  await tx.delete(consultations).where(inArray(consultations.patientId, ids));
  await tx.delete(recordVersions).where(inArray(recordVersions.patientId, ids));
  await tx.delete(patientNirs).where(inArray(patientNirs.patientId, ids));
  // The files that they were printed in together with others: they are made again of what is left.
  const printed = sql`(select batch_id from ${summaryBatchItems} where ${inArray(summaryBatchItems.patientId, ids)})`;
  await tx.delete(summaryBatches).where(sql`${summaryBatches.id} in ${printed}`);
  // With what the records say of them (`patient_documents`); that they were revoked stays known.
  await tx.delete(issuedCertificates).where(inArray(issuedCertificates.subject, ids));
  await tx.update(patients).set({ mergedInto: null }).where(inArray(patients.id, ids));
  await tx.delete(patients).where(inArray(patients.id, ids));
}

/** The same day so many years on; the 29th of February becomes the 1st of March. */
function yearsFrom(day: string, years: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year + years, month - 1, date)).toISOString().slice(0, 10);
}
