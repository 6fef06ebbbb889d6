import { and, eq, inArray, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { preparedOnce } from '../../database/prepared.ts';
import { proofValues, proveSession, SessionNotProven, sessionStands } from '../../identity/session-proof.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import {
  type Access,
  logAccess,
  logAccesses,
  refusingUnlogged,
  structureOf,
} from '../access-log/log-access.ts';
import type { PatientRecord } from './find-patient.ts';
import { familyNameFits, givenNamesFit, type NameKeys, nameKey } from './name-likeness.ts';
import { type Nir, readNir } from './nir.ts';
import type { NirVault } from './nir-vault.ts';
import { isDay } from './patient-traits.ts';
import { patientNirs, patients, type Sex } from './patients.table.ts';

/** More than this many hits say nothing: who searches is told to say more. */
export const maxHits = 20;

/** How hits are shown, and which of too many are. */
const byName = [patients.familyNameKey, patients.givenNamesKey, patients.id] as const;

export interface Found {
  readonly patients: readonly PatientRecord[];
  /** There are more than are shown. */
  readonly more: boolean;
}

/** What a search goes by, as it was typed. */
export type SearchInput = { readonly nir: string } | TraitsAsked;

/**
 * Everybody who may be the one that is looked for, each hit logged.
 * @throws SessionNotProven, nothing read and nothing logged; Problem 422 `invalid`, which never holds what was typed; 503
 *   `access-not-logged`.
 */
export async function searchPatients(
  db: Database,
  vault: NirVault,
  asked: SearchInput,
  access: Access,
  now: Date,
): Promise<Found> {
  if ('nir' in asked) {
    const read = readNir(asked.nir);
    if (!read.ok) throw refusal([{ path: '/nir', key: `records-patients.errors.nir.${read.fault}` }]);
    return findPatientsByNir(db, vault, read.nir, access, now);
  }
  const errors: FieldProblem[] = [];
  for (const field of ['family', 'given'] as const)
    if (nameKey(asked[field]) === '')
      errors.push({ path: `/${field}`, key: `records-patients.errors.empty.${field}` });
  if (!isDay(asked.birthDate))
    errors.push({ path: '/birthDate', key: 'records-patients.errors.birthDate.notADay' });
  if (errors.length > 0) throw refusal(errors);
  return findPatientsByTraits(db, asked, access, now);
}

function refusal(errors: readonly FieldProblem[]): Problem {
  return new Problem(422, 'invalid', { errors });
}

/**
 * Everybody known under a NIR, own or a parent's, each hit logged in the same statement; the search is logged alone
 * when it finds nobody. A merged record is left out when the one it was merged into is found too.
 * @throws Problem 503 `access-not-logged`.
 */
export async function findPatientsByNir(
  db: Database,
  vault: NirVault,
  nir: Nir,
  access: Access,
  now: Date,
): Promise<Found> {
  const { professional, onBehalfOf = null, action, route, requestId, proof } = access;
  const indexes = vault.indexes(nir);
  const values = {
    ...Object.fromEntries(indexes.map((index, n) => [`index${n}`, index])),
    at: now.toISOString(),
    professional: professional.id,
    onBehalfOf,
    structure: structureOf(professional),
    ...{ action, route, requestId },
    ...proofValues(proof, now),
  };
  const statement = byNir(db, { keys: indexes.length, proven: proof !== undefined });
  const rows = await refusingUnlogged(() => statement.execute(values));
  // Whoever is proven has a row at least: that of the entry that was logged.
  if (rows.length === 0) throw new SessionNotProven();
  return found(rows.flatMap(({ hits: hit }) => (hit === null ? [] : [hit])));
}

/**
 * Finds and logs in one statement, made once for as many index keys as there are: building and planning it costs more
 * than running it. PostgreSQL plans a list given as one value anew each time, since it cannot know how long it is.
 */
const byNir = preparedOnce((db, { keys, proven }: { readonly keys: number; readonly proven: boolean }) => {
  const entry = (patientId: SQL) => sql`log_access(${patientId}, ${sql.placeholder('at')}::timestamptz,
    ${sql.placeholder('professional')}::uuid, ${sql.placeholder('onBehalfOf')}::uuid,
    ${sql.placeholder('structure')}::text, ${sql.placeholder('action')}::text, ${sql.placeholder('route')}::text,
    ${sql.placeholder('requestId')}::text)`;
  // As an array first: the planner would else walk all patients in the order of their ids to find the few wanted.
  const indexes = Array.from({ length: keys }, (_, n) => sql`${sql.placeholder(`index${n}`)}::bytea`);
  const ids = sql`any(array(select patient_id from ${patientNirs}
    where blind_index in (${sql.join(indexes, sql`, `)}) order by patient_id limit ${sql.raw(String(maxHits + 1))}))`;
  const stands = proven ? sessionStands : sql`true`;
  const hits = db.$with('hits').as(
    db
      .select()
      .from(patients)
      .where(and(sql`${patients.id} = ${ids}`, stands)),
  );
  // Exactly one entry a hit, in the order of their ids; or one for nobody.
  const logged = db
    .$with('logged', {
      patient: sql<string | null>`patient`.as('patient'),
      place: sql<number | null>`place`.as('place'),
    })
    .as(sql`
      select id as patient, ${entry(sql`id`)} as place from (select id from hits order by id) hit
      union all
      select null, ${entry(sql`null::uuid`)} where not exists (select from hits) and ${stands}`);
  return db
    .with(hits, logged)
    .select()
    .from(logged)
    .leftJoin(hits, eq(hits.id, logged.patient))
    .orderBy(hits.familyNameKey, hits.givenNamesKey, hits.id)
    .prepare(`find_patients_by_nir_${keys}${proven ? '_proven' : ''}`);
});

export interface TraitsAsked {
  readonly family: string;
  readonly given: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly sex?: Sex | undefined;
}

/**
 * Everybody born that day whose names may be those, each hit logged in the same transaction.
 * @throws Problem 503 `access-not-logged`.
 */
export async function findPatientsByTraits(
  db: Database,
  asked: TraitsAsked,
  access: Access,
  now: Date,
): Promise<Found> {
  return db.transaction(async (tx) => {
    await proveSession(tx, access.proof, now);
    const hits = await findAlike(tx, asked, eq(patients.birthDate, asked.birthDate));
    const shown = found(hits);
    if (shown.patients.length === 0) await logAccess(tx, { ...access, patientId: null }, now);
    else
      await logAccesses(
        tx,
        shown.patients.map(({ id }) => id),
        access,
        now,
      );
    return shown;
  });
}

/**
 * Who is likely to be the person about to be recorded: the same NIR, or born the same day with names that may be the
 * same. The caller logs who is shown.
 */
export async function findLikelyDuplicates(
  tx: Database,
  vault: NirVault,
  { nir, ...asked }: TraitsAsked & { readonly nir: Nir | null },
  except?: string,
): Promise<readonly PatientRecord[]> {
  const others = except === undefined ? sql`true` : ne(patients.id, except);
  const sameNir =
    nir === null
      ? []
      : await tx
          .select({ patient: patients })
          .from(patients)
          .innerJoin(patientNirs, eq(patientNirs.patientId, patients.id))
          .where(and(inArray(patientNirs.blindIndex, [...vault.indexes(nir)]), others))
          .orderBy(...byName);
  // One known by initials alone, or by another sex, may still be the same.
  const alike = await findAlike(
    tx,
    { ...asked, sex: undefined },
    and(eq(patients.birthDate, asked.birthDate), others) ?? others,
  );
  const all = new Map([...sameNir.map(({ patient }) => patient), ...alike].map((each) => [each.id, each]));
  return found([...all.values()]).patients;
}

/** Whether a record's names may be those asked for, as keys. */
export function namesFit(
  { familyKey, givenKey }: { readonly familyKey: string; readonly givenKey: string },
  written: NameKeys,
): boolean {
  return familyNameFits(familyKey, written) && givenNamesFit(givenKey, written);
}

async function findAlike(
  tx: Database,
  { family, given, sex }: TraitsAsked,
  where: SQL,
): Promise<readonly PatientRecord[]> {
  const [familyKey, givenKey] = [nameKey(family), nameKey(given)];
  const born = await tx
    .select({
      id: patients.id,
      sex: patients.sex,
      familyNameKey: patients.familyNameKey,
      givenNamesKey: patients.givenNamesKey,
      usedFamilyNameKey: patients.usedFamilyNameKey,
      usedGivenName: patients.usedGivenName,
    })
    .from(patients)
    .where(where)
    .orderBy(...byName);
  const ids = born
    .filter(
      (each) =>
        namesFit({ familyKey, givenKey }, each) &&
        (sex === undefined || sex === 'unknown' || each.sex === 'unknown' || each.sex === sex),
    )
    .map(({ id }) => id)
    .slice(0, maxHits + 1);
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(patients)
    .where(or(...ids.map((id) => eq(patients.id, id))))
    .orderBy(...byName);
}

function found(hits: readonly PatientRecord[]): Found {
  const shown = withoutMerged(hits);
  return { patients: shown.slice(0, maxHits), more: shown.length > maxHits };
}

/** Hits but for those that were merged into another of them. */
export function withoutMerged<Hit extends Pick<PatientRecord, 'id' | 'mergedInto'>>(
  hits: readonly Hit[],
): readonly Hit[] {
  const ids = new Set(hits.map(({ id }) => id));
  return hits.filter(({ mergedInto }) => mergedInto === null || !ids.has(mergedInto));
}
