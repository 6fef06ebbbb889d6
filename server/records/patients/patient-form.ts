import { formField } from '../../http/forms.ts';
import type { KnownNir, PatientRecord } from './find-patient.ts';
import { formatNir } from './nir.ts';
import { type Sex, sexes } from './patients.table.ts';

const traitFields = [
  'birthFamilyName',
  'birthGivenNames',
  'usedFamilyName',
  'usedGivenName',
  'birthDate',
  'birthPlace',
] as const;

/** What the form of a patient's identity holds, as typed. */
export type PatientForm = Readonly<
  Record<(typeof traitFields)[number] | 'sex' | 'nir' | 'ofParent' | 'noNirReason' | 'reason', string>
>;

/** A sent form; what is not there is empty. */
export function readPatientForm(body: unknown): PatientForm {
  const text = (name: string) => (formField(body, name) ?? '').slice(0, 500);
  return {
    birthFamilyName: text('birthFamilyName'),
    birthGivenNames: text('birthGivenNames'),
    usedFamilyName: text('usedFamilyName'),
    usedGivenName: text('usedGivenName'),
    birthDate: text('birthDate'),
    birthPlace: text('birthPlace'),
    sex: text('sex'),
    nir: text('nir'),
    ofParent: text('ofParent'),
    noNirReason: text('noNirReason'),
    reason: text('reason'),
  };
}

/** The form of a record that is there already. */
export function formOf(record: PatientRecord, nir: KnownNir | null): PatientForm {
  return {
    ...Object.fromEntries(traitFields.map((field) => [field, record[field] ?? ''])),
    sex: record.sex,
    nir: nir ? formatNir(nir.nir) : '',
    ofParent: nir?.ofParent ? 'on' : '',
    noNirReason: record.noNirReason ?? '',
    reason: '',
  } as PatientForm; // Every trait field has just been written.
}

/** The form's fields as the commands take them. */
export function traitsOfForm(form: PatientForm) {
  const { ofParent, sex, reason: _, ...texts } = form;
  return { ...texts, ofParent: ofParent !== '', sex: isSex(sex) ? sex : 'unknown' } as const;
}

function isSex(text: string): text is Sex {
  return sexes.some((sex) => sex === text);
}
