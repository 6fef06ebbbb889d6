import { Type } from 'typebox';
import type { FieldProblem } from '../../problem.ts';
import type { Language, Texts } from '../../texts.ts';
import { type Finding, severities } from '../rules/dose-rules.ts';
import { sayFinding } from '../rules/finding-words.ts';
import type { VaccineList } from '../rules/vaccines.ts';
import type { Person } from './act-entry.ts';
import { actStates, arms, consents, decisions, placeKinds, routes } from './acts.table.ts';
import { readRepresentative } from './check-consultation.ts';
import type { Act, Consultation, Injection } from './find-act.ts';

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const text = Type.String();

const PersonSchema = Type.Object(
  { nationalIdentifier: text, familyName: text, givenNames: text },
  { title: 'ActPerson' },
);

export const FindingSchema = Type.Object(
  {
    rule: text,
    kind: text,
    severity: Type.Enum([...severities]),
    explanation: Type.String({ description: 'In the language of the request' }),
    parameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    source: text,
    validFrom: text,
    validTo: nullable(text),
  },
  { title: 'DoseFinding' },
);

const common = {
  id: Type.String({ format: 'uuid' }),
  version: Type.Integer({ description: 'Also in the ETag' }),
  state: Type.Enum([...actStates]),
  patientId: Type.String({
    format: 'uuid',
    description: 'The record it was entered in, which may have been merged into this one',
  }),
  occurredAt: Type.String({ format: 'date-time' }),
  place: Type.Object({
    kind: Type.Enum([...placeKinds]),
    finess: nullable(text),
    name: nullable(text),
  }),
  performedBy: PersonSchema,
  enteredBy: PersonSchema,
  validatedBy: nullable(PersonSchema),
  validatedAt: nullable(text),
  delegationId: nullable(text),
  createdAt: text,
  updatedAt: text,
};

const answer = Type.Union([Type.Boolean(), Type.Null()]);

export const ConsultationSchema = Type.Object(
  {
    ...common,
    questionnaire: Type.Object({
      pastInfection: answer,
      pastInfectionDate: nullable(text),
      allergies: nullable(text),
      contraindications: nullable(text),
      pregnancy: answer,
      treatments: nullable(text),
      fever: answer,
    }),
    consent: Type.Enum([...consents]),
    representative: nullable(Type.Object({ name: text, capacity: text })),
    decision: Type.Enum([...decisions]),
    deferredUntil: nullable(text),
    comment: nullable(text),
  },
  { title: 'Consultation' },
);

export const InjectionSchema = Type.Object(
  {
    ...common,
    consultationId: nullable(text),
    vaccine: text,
    lot: text,
    lotExpiry: nullable(text),
    gtin: nullable(text),
    serial: nullable(text),
    arm: nullable(Type.Enum([...arms])),
    site: nullable(text),
    route: Type.Enum([...routes]),
    doseVolume: nullable(text),
    doseRank: Type.Integer(),
    doseTotal: Type.Integer(),
    findings: Type.Array(FindingSchema),
    overrideReason: nullable(text),
    notADuplicate: Type.Boolean(),
  },
  { title: 'Injection' },
);

export const WarningsSchema = Type.Array(Type.Object({ path: text, message: text }), {
  description: 'What is doubtful and was recorded all the same',
});

/** What answers are worded with. */
export interface Wording {
  readonly texts: Texts;
  readonly language: Language;
  readonly vaccines: VaccineList;
}

function person({ nationalIdentifier, familyName, givenNames }: Person) {
  return { nationalIdentifier, familyName, givenNames };
}

function commonJson(act: Act) {
  return {
    id: act.id,
    version: act.version,
    state: act.state,
    patientId: act.patientId,
    occurredAt: act.occurredAt.toISOString(),
    place: { kind: act.placeKind, finess: act.placeFiness, name: act.placeName },
    performedBy: person(act.performedBy),
    enteredBy: person(act.enteredBy),
    validatedBy: act.validatedBy && person(act.validatedBy),
    validatedAt: act.validatedAt?.toISOString() ?? null,
    delegationId: act.delegationId,
    createdAt: act.createdAt.toISOString(),
    updatedAt: act.updatedAt.toISOString(),
  };
}

/** A consultation as the API gives it. */
export function consultationJson(act: Consultation) {
  const { questionnaire, consent, decision, deferredUntil, comment } = act;
  return {
    ...commonJson(act),
    questionnaire,
    consent,
    representative: readRepresentative(act) ?? null,
    decision,
    deferredUntil,
    comment,
  };
}

/** An injection as the API gives it, its findings in words. */
export function injectionJson(wording: Wording, act: Injection) {
  return {
    ...commonJson(act),
    consultationId: act.consultationId,
    vaccine: act.vaccine,
    lot: act.lot,
    lotExpiry: act.lotExpiry,
    gtin: act.gtin,
    serial: act.serial,
    arm: act.arm,
    site: act.site,
    route: act.route,
    doseVolume: act.doseVolume,
    doseRank: act.doseRank,
    doseTotal: act.doseTotal,
    findings: findingsJson(wording, act.findings),
    overrideReason: act.overrideReason,
    notADuplicate: act.notADuplicate,
  };
}

export function findingsJson({ texts, language, vaccines }: Wording, findings: readonly Finding[]) {
  return findings.map((finding) => ({
    ...finding,
    explanation: sayFinding(texts, language, vaccines, finding),
  }));
}

/** What is doubtful, in words. */
export function warningsJson(
  { texts, language }: Pick<Wording, 'texts' | 'language'>,
  warnings: readonly FieldProblem[],
) {
  return warnings.map(({ path, key, parameters }) => ({
    path,
    message: texts.say(language, key, parameters),
  }));
}
