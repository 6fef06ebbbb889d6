import type { Database } from '../../database/client.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import { type Access, logAccess, logAccesses } from '../access-log/log-access.ts';
import type { PatientRecord } from './find-patient.ts';
import { findLikelyDuplicates } from './find-patients.ts';
import { lockPersons } from './lock-persons.ts';
import type { NirVault } from './nir-vault.ts';
import { type NirInput, readNirGiven, readTraits, type TraitsInput } from './patient-traits.ts';
import { patientNirs, patients } from './patients.table.ts';

export interface NewPatient extends TraitsInput, NirInput {
  /** Records that were shown as likely to be the same person, and are not. */
  readonly notThese?: readonly string[];
}

/** The record made, or who it may be of those known already: nothing was made then. */
export type Creation =
  | { readonly created: PatientRecord }
  | { readonly likely: readonly [PatientRecord, ...PatientRecord[]] };

/**
 * Records a patient who is not known yet. Whoever is likely to be the same person is given back instead, until they
 * are said not to be; what is shown of them is logged.
 * @throws Problem 422 `invalid`, naming every field at fault and never what was typed; 503 `access-not-logged`.
 */
export async function createPatient(
  db: Database,
  vault: NirVault,
  input: NewPatient,
  access: Access,
  now: Date,
): Promise<Creation> {
  const traits = readTraits(input, parisDay(now));
  const given = readNirGiven(input);
  if ('errors' in traits || 'errors' in given) {
    const errors = [traits, given].flatMap((read) => ('errors' in read ? read.errors : []));
    throw new Problem(422, 'invalid', { errors });
  }
  const { nir, ofParent, provisional, noNirReason } = given.value;
  const { birthFamilyName, birthGivenNames, birthDate, sex } = traits.value;
  return db.transaction(async (tx): Promise<Creation> => {
    // Two who record the same person at once: the second waits, and is shown the first one's.
    const blindIndex = nir === null ? null : vault.index(nir).blindIndex;
    await lockPersons(tx, [{ birthDate, blindIndex }]);
    const asked = { family: birthFamilyName, given: birthGivenNames, birthDate, sex, nir };
    const [first, ...others] = await findLikelyDuplicates(tx, vault, asked);
    if (first) {
      const seen = new Set(input.notThese);
      if ([first, ...others].some(({ id }) => !seen.has(id))) {
        const ids = [first, ...others].map(({ id }) => id);
        await logAccesses(tx, ids, { ...access, action: 'patients.likely' }, now);
        return { likely: [first, ...others] };
      }
    }
    const [created] = await tx
      .insert(patients)
      .values({
        ...traits.value,
        noNirReason,
        createdAt: now,
        createdBy: access.professional.id,
        updatedAt: now,
      })
      .returning();
    if (!created) throw new Error('an insert gives its row back');
    if (nir !== null) {
      await tx.insert(patientNirs).values({
        patientId: created.id,
        ...vault.seal(nir, created.id),
        ...vault.index(nir),
        ofParent,
        provisional,
      });
    }
    await logAccess(tx, { ...access, patientId: created.id }, now);
    return { created };
  });
}
