import { Type } from 'typebox';
import { strictObject } from '../../http/validation.ts';
import type { FieldProblem } from '../../problem.ts';
import type { Patient, PatientRecord } from './find-patient.ts';
import { formatNir, maskNir } from './nir.ts';
import { type NirDisagreement, nirDisagreements } from './nir-agrees.ts';
import { identityStatuses, sexes } from './patients.table.ts';

const name = Type.String({ maxLength: 100 });
const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

const traits = {
  birthFamilyName: name,
  birthGivenNames: name,
  usedFamilyName: Type.Optional(orNull(name)),
  usedGivenName: Type.Optional(orNull(name)),
  birthDate: Type.String({ maxLength: 10, description: 'YYYY-MM-DD' }),
  sex: Type.Enum(sexes),
  birthPlace: Type.Optional(orNull(Type.String({ maxLength: 5, description: 'INSEE code, 5 characters' }))),
};

const nir = {
  nir: Type.Optional(
    orNull(Type.String({ maxLength: 60, description: '15 characters with its key, in groups or not' })),
  ),
  ofParent: Type.Optional(
    Type.Boolean({ description: 'It is the NIR of the parent under whom a child is known' }),
  ),
  noNirReason: Type.Optional(orNull(Type.String({ maxLength: 300, description: 'Required without NIR' }))),
};

const id = Type.String({ format: 'uuid' });
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });

export const PatientParams = Type.Object({ id });

/** The NIR, or who the person is: never in an address. */
export const SearchBody = Type.Union([
  strictObject({ nir: Type.String({ maxLength: 60 }) }),
  strictObject({
    family: name,
    given: name,
    birthDate: traits.birthDate,
    sex: Type.Optional(traits.sex),
  }),
]);

export const NewPatientBody = strictObject({
  ...traits,
  ...nir,
  notThese: Type.Optional(
    Type.Array(id, { maxItems: 100, description: 'Records shown as likely the same person, that are not' }),
  ),
});

export const PatientChangeBody = strictObject({
  birthFamilyName: Type.Optional(traits.birthFamilyName),
  birthGivenNames: Type.Optional(traits.birthGivenNames),
  usedFamilyName: traits.usedFamilyName,
  usedGivenName: traits.usedGivenName,
  birthDate: Type.Optional(traits.birthDate),
  sex: Type.Optional(traits.sex),
  birthPlace: traits.birthPlace,
  ...nir,
  identityStatus: Type.Optional(
    Type.Union([Type.Literal('provisional'), Type.Literal('validated')], {
      description: 'Retrieved and qualified identities come from the national service alone',
    }),
  ),
  reason,
});

export const MergeBody = strictObject({ into: id, reason });
export const UnmergeBody = strictObject({ reason });

const row = {
  id: Type.String(),
  version: Type.Integer(),
  birthFamilyName: Type.String(),
  birthGivenNames: Type.String(),
  usedFamilyName: orNull(Type.String()),
  usedGivenName: orNull(Type.String()),
  birthDate: Type.String(),
  sex: Type.Enum(sexes),
  birthPlace: orNull(Type.String()),
  identityStatus: Type.Enum(identityStatuses),
  mergedInto: orNull(Type.String()),
};

/** A patient in a list: never with a NIR. */
export const PatientRowSchema = Type.Object(row, { title: 'PatientRow' });

export const PatientSchema = Type.Object(
  {
    ...row,
    nir: orNull(
      Type.Object({
        value: Type.String({
          description: 'In full for who may read records in their own right, else masked',
        }),
        masked: Type.Boolean(),
        ofParent: Type.Boolean(),
        provisional: Type.Boolean(),
      }),
    ),
    noNirReason: orNull(
      Type.String({ description: 'As it was typed; `import` of a record made from a centre’s file' }),
    ),
    warnings: Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
      description:
        'What the NIR and the identity say otherwise of each other: to be looked at, nothing is refused',
    }),
    merged: Type.Array(PatientRowSchema, {
      description: 'Records merged into this one: their acts are shown here',
    }),
  },
  { title: 'Patient' },
);

/** A patient as a list shows it. */
export function patientRow(record: PatientRecord) {
  const { id, version, birthFamilyName, birthGivenNames, usedFamilyName, usedGivenName } = record;
  const { birthDate, sex, birthPlace, identityStatus, mergedInto } = record;
  return {
    ...{ id, version, birthFamilyName, birthGivenNames, usedFamilyName, usedGivenName },
    ...{ birthDate, sex, birthPlace, identityStatus, mergedInto },
  };
}

/** What is to be looked at again of a patient's identity, beside the field that it is about. Says nothing of the NIR itself. */
export function patientWarnings({ record, nir }: Pick<Patient, 'record' | 'nir'>): readonly FieldProblem[] {
  // A parent's says nothing of the child.
  if (!nir || nir.ofParent) return [];
  return nirDisagreements(nir.nir, record).map((part) => ({
    path: fieldOf[part],
    key: `records-patients.warnings.${part}`,
  }));
}

const fieldOf: Readonly<Record<NirDisagreement, string>> = {
  sex: '/sex',
  birthYear: '/birthDate',
  birthMonth: '/birthDate',
  birthPlace: '/birthPlace',
};

/** A patient's own record. @param masked whoever asks may know that there is a NIR, not which. */
export function patientView({ record, nir, merged }: Patient, masked: boolean) {
  return {
    ...patientRow(record),
    nir: nir && {
      value: masked ? maskNir(nir.nir) : formatNir(nir.nir),
      masked,
      ofParent: nir.ofParent,
      provisional: nir.provisional,
    },
    noNirReason: record.noNirReason,
    merged: merged.map(patientRow),
  };
}
