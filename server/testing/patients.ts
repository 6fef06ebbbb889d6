import type { Database } from '#server/database/client.ts';
import type { Dependencies } from '#server/dependencies.ts';
import type { PatientRecord } from '#server/records/patients/find-patient.ts';
import { nameKey } from '#server/records/patients/name-likeness.ts';
import { keyOf, type Nir, readNir } from '#server/records/patients/nir.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { patientNirs, patients } from '#server/records/patients/patients.table.ts';
import { nirWatch } from './nir-watch/watch.ts';
import { aProfessional } from './professionals.ts';

/** The instant of a fresh `testClock()`. */
const testStart = new Date('2026-11-23T10:00:00+01:00');

let built = 0;

/** A NIR that no other call gives, its key right. */
export function aNir(): Nir {
  built += 1;
  const number = `284057${String(500 + (built % 400)).padStart(4, '0')}${String(100 + Math.floor(built / 400)).padStart(3, '0')}`;
  return theNir(`${number}${String(keyOf(number)).padStart(2, '0')}`);
}

/** The NIR that a text is, which is watched from now on. @throws Error when it is none. */
export function theNir(text: string): Nir {
  const read = readNir(text);
  if (!read.ok) throw new Error(`not a NIR: ${read.fault}`);
  nirWatch.numbers.add(read.nir);
  return read.nir;
}

/** Stores a patient born in 1984, with a NIR of her own unless `nir` is null. */
export async function aPatient(
  { db, config }: { readonly db: Database; readonly config: Pick<Dependencies['config'], 'records'> },
  overrides: Partial<typeof patients.$inferInsert> & {
    readonly nir?: Nir | null;
    readonly ofParent?: boolean;
  } = {},
): Promise<PatientRecord & { readonly nir: Nir | null }> {
  const { nir = aNir(), ofParent = false, ...columns } = overrides;
  built += 1;
  const family = columns.birthFamilyName ?? `Moreau-Été ${letters(built)}`;
  const given = columns.birthGivenNames ?? 'Chloé Marie';
  const [patient] = await db
    .insert(patients)
    .values({
      birthFamilyName: family,
      birthGivenNames: given,
      birthDate: '1984-05-12',
      sex: 'female',
      noNirReason: nir === null ? 'Pas encore immatriculée' : null,
      familyNameKey: nameKey(family),
      givenNamesKey: nameKey(given),
      usedFamilyNameKey: columns.usedFamilyName ? nameKey(columns.usedFamilyName) : null,
      createdAt: testStart,
      createdBy: columns.createdBy ?? (await aProfessional(db)).id,
      updatedAt: testStart,
      ...columns,
    })
    .returning();
  if (!patient) throw new Error('the patient was not stored');
  if (nir !== null) {
    const vault = nirVault(config.records);
    await db.insert(patientNirs).values({
      patientId: patient.id,
      ...vault.seal(nir, patient.id),
      ...vault.index(nir),
      ofParent,
      provisional: /^[3-8]/.test(nir),
    });
  }
  return { ...patient, nir };
}

/** Different names for different numbers, without digits. */
function letters(number: number): string {
  return number.toString(26).replace(/./g, (digit) => String.fromCharCode(65 + Number.parseInt(digit, 26)));
}
