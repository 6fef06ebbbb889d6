import { type Static, Type } from 'typebox';
import { strictObject } from '../../http/validation.ts';
import { consents, decisions } from './acts.table.ts';
import { actFields, reasonField } from './injection-body.ts';

const date = Type.String({ format: 'date' });
const words = Type.String({ maxLength: 2000 });

/** What was not asked is left out. */
const Questions = strictObject(
  {
    pastInfection: Type.Optional(Type.Boolean()),
    pastInfectionDate: Type.Optional(date),
    allergies: Type.Optional(words),
    contraindications: Type.Optional(words),
    pregnancy: Type.Optional(Type.Boolean()),
    treatments: Type.Optional(words),
    fever: Type.Optional(Type.Boolean()),
  },
  { title: 'Questionnaire' },
);

const fields = {
  questionnaire: Questions,
  consent: Type.Enum([...consents]),
  representative: Type.Optional(
    strictObject({
      name: Type.String({ maxLength: 120 }),
      capacity: Type.String({ maxLength: 120, description: 'Parent, guardian, trusted person…' }),
    }),
  ),
  decision: Type.Enum([...decisions]),
  deferredUntil: Type.Optional(date),
  comment: Type.Optional(words),
};

export const ConsultationBody = strictObject({ ...actFields, ...fields }, { title: 'NewConsultation' });
export type ConsultationInput = Static<typeof ConsultationBody>;

/** What is given replaces what stood, the questionnaire as a whole. */
export const ConsultationCorrection = strictObject(
  {
    occurredAt: Type.Optional(actFields.occurredAt),
    place: Type.Optional(actFields.place),
    questionnaire: Type.Optional(Questions),
    consent: Type.Optional(fields.consent),
    representative: fields.representative,
    decision: Type.Optional(fields.decision),
    deferredUntil: fields.deferredUntil,
    comment: fields.comment,
    reason: reasonField,
  },
  { title: 'ConsultationCorrection' },
);
export type ConsultationCorrectionInput = Static<typeof ConsultationCorrection>;
