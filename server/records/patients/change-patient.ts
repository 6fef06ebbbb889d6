import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import { type Access, logAccess } from '../access-log/log-access.ts';
import { recordVersions } from '../acts/acts.table.ts';
import { askForRenewal } from '../documents/ask-for-renewal.ts';
import { getPatient, lockPatient, type PatientRecord } from './find-patient.ts';
import type { NirVault } from './nir-vault.ts';
import { type NirInput, readNirGiven, readTraits, type TraitsInput } from './patient-traits.ts';
import { type IdentityStatus, patientNirs, patients } from './patients.table.ts';

export interface PatientChange extends Partial<TraitsInput>, NirInput {
  readonly identityStatus?: IdentityStatus;
  readonly reason: string;
}

/**
 * Changes what identifies a patient, if it is still as whoever changes it saw it. What it was stays in its history,
 * which says of a NIR only that it changed.
 * @param version the one seen; undefined: whichever it is now.
 * @throws Problem 404 `no-such-patient`; 412 `stale-record` with its `version`, and by whom it was changed; 409
 *   `patient-merged`; 422 `invalid`, which never holds what was typed; 503 `access-not-logged`.
 */
export async function changePatient(
  db: Database,
  vault: NirVault,
  { id, version }: { readonly id: string; readonly version: number | undefined },
  change: PatientChange,
  access: Access,
  now: Date,
): Promise<PatientRecord> {
  return db.transaction(async (tx) => {
    const before = await lockPatient(tx, id);
    if (version !== undefined && before.version !== version) throw await stalePatient(tx, before);
    if (before.mergedInto !== null)
      throw new Problem(409, 'patient-merged', { extensions: { mergedInto: before.mergedInto } });
    const { reason, nir, ofParent, noNirReason, identityStatus, ...traits } = change;
    const read = readTraits({ ...before, ...traits }, parisDay(now));
    const saysNir = nir !== undefined || noNirReason !== undefined;
    const asked = saysNir
      ? readNirGiven({ nir: nir ?? null, noNirReason: noNirReason ?? null, ofParent: ofParent ?? false })
      : undefined;
    if ('errors' in read || (asked && 'errors' in asked)) {
      const errors = [read, asked].flatMap((each) => (each && 'errors' in each ? each.errors : []));
      throw new Problem(422, 'invalid', { errors });
    }
    const { nir: known } = await getPatient(tx, vault, id);
    const sameAsBefore =
      asked &&
      asked.value.nir === (known?.nir ?? null) &&
      asked.value.ofParent === (known?.ofParent ?? false) &&
      asked.value.noNirReason === before.noNirReason;
    const given = sameAsBefore ? undefined : asked;
    if (given) {
      const { nir: number, ofParent: isParents, provisional } = given.value;
      if (number === null) await tx.delete(patientNirs).where(eq(patientNirs.patientId, id));
      else {
        const row = {
          ...vault.seal(number, id),
          ...vault.index(number),
          ofParent: isParents,
          provisional,
        };
        await tx
          .insert(patientNirs)
          .values({ patientId: id, ...row })
          .onConflictDoUpdate({ target: patientNirs.patientId, set: row });
      }
    }
    const columns = {
      ...read.value,
      ...(identityStatus !== undefined && { identityStatus }),
      ...(given && { noNirReason: given.value.noNirReason }),
    };
    const after = await storePatient(tx, before, columns, {
      change: 'correct',
      reason,
      by: access.professional.id,
      now,
      ...(given && { also: { nir: 'changed' } }),
    });
    await logAccess(tx, { ...access, patientId: id }, now);
    return after;
  });
}

/** Stores a locked record's next version, and in its history the columns that differ. */
export async function storePatient(
  tx: Database,
  before: PatientRecord,
  columns: Partial<PatientRecord>,
  told: {
    readonly change: string;
    readonly reason: string | null;
    readonly by: string;
    readonly now: Date;
    /** Said of the change beside its columns. */
    readonly also?: Readonly<Record<string, unknown>>;
  },
): Promise<PatientRecord> {
  const { id, version } = before;
  const [after] = await tx
    .update(patients)
    .set({ ...columns, version: version + 1, updatedAt: told.now })
    .where(eq(patients.id, id))
    .returning();
  if (!after) throw new Error('a locked record is there to be changed');
  const was: Readonly<Record<string, unknown>> = before;
  const is: Readonly<Record<string, unknown>> = after;
  const changed = Object.keys(columns).filter((name) => was[name] !== is[name]);
  const pick = (from: typeof was) => Object.fromEntries(changed.map((name) => [name, from[name]]));
  await tx.insert(recordVersions).values({
    kind: 'patient',
    recordId: id,
    version,
    patientId: id,
    changedAt: told.now,
    changedBy: told.by,
    change: told.change,
    reason: told.reason,
    before: pick(was),
    after: { ...pick(is), ...told.also },
  });
  // Parted, both records tell something else than together.
  const also = before.mergedInto === null ? [] : [before.mergedInto];
  await askForRenewal(tx, [id, ...also], told.by, told.now);
  return after;
}

/** Somebody else changed it first: who, when, and which version it has now. */
export async function stalePatient(tx: Database, { id, version }: PatientRecord): Promise<Problem> {
  const [last] = await tx
    .select({
      at: recordVersions.changedAt,
      given: professionals.givenNames,
      family: professionals.familyName,
    })
    .from(recordVersions)
    .innerJoin(professionals, eq(professionals.id, recordVersions.changedBy))
    .where(and(eq(recordVersions.kind, 'patient'), eq(recordVersions.recordId, id)))
    .orderBy(desc(recordVersions.version))
    .limit(1);
  const name = last ? `${last.given} ${last.family}` : '–';
  return new Problem(412, 'stale-record', {
    parameters: { name },
    extensions: { version, ...(last && { changedBy: name, changedAt: last.at.toISOString() }) },
  });
}
