import { type Static, type TSchema, Type } from 'typebox';
import { strictObject } from '../../http/validation.ts';
import { PlaceBody } from '../acts/act-place.ts';
import { outcomes, seriousnessCriteria } from '../acts/acts.table.ts';

const date = Type.String({ format: 'date' });
/** As many coded terms as an event may have. */
export const maxTerms = 20;

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A coded term: the system is an address, so that any open terminology will do. */
export const CodedTerm = strictObject(
  {
    system: Type.String({ minLength: 3, maxLength: 200, pattern: '^(https?://|urn:)\\S+$' }),
    code: Type.String({ minLength: 1, maxLength: 60, pattern: '^\\S+( \\S+)*$' }),
    display: Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' }),
  },
  { title: 'CodedTerm' },
);

const fields = {
  onset: Type.String({
    format: 'date-time',
    description: 'When it began, with its offset; not before the injection',
  }),
  description: Type.String({ minLength: 1, maxLength: 5000, pattern: '\\S' }),
  terms: Type.Array(CodedTerm, { maxItems: maxTerms }),
  serious: Type.Boolean({ description: 'True when at least one of `criteria` holds' }),
  criteria: Type.Array(Type.Enum([...seriousnessCriteria]), { maxItems: 6, uniqueItems: true }),
  hospitalisedFrom: orNull(date),
  hospitalisedTo: orNull(date),
  diedOn: orNull(date),
  outcome: Type.Enum([...outcomes]),
  endedOn: orNull(date),
  pregnancy: orNull(Type.Boolean()),
  pregnancyWeeks: orNull(Type.Integer({ minimum: 0, maximum: 45 })),
  lotSuspected: Type.Boolean(),
};

export const AdverseEventBody = strictObject(
  {
    injectionId: Type.String({ format: 'uuid' }),
    onset: fields.onset,
    description: fields.description,
    serious: fields.serious,
    outcome: fields.outcome,
    terms: Type.Optional(fields.terms),
    criteria: Type.Optional(fields.criteria),
    hospitalisedFrom: Type.Optional(fields.hospitalisedFrom),
    hospitalisedTo: Type.Optional(fields.hospitalisedTo),
    diedOn: Type.Optional(fields.diedOn),
    endedOn: Type.Optional(fields.endedOn),
    pregnancy: Type.Optional(fields.pregnancy),
    pregnancyWeeks: Type.Optional(fields.pregnancyWeeks),
    lotSuspected: Type.Optional(fields.lotSuspected),
    place: Type.Optional({
      ...PlaceBody,
      description: 'Where it is declared; the injection’s place if absent',
    }),
    performedBy: Type.Optional(
      Type.String({
        maxLength: 60,
        description: 'National identifier of whom it is declared for, by delegation',
      }),
    ),
  },
  { title: 'NewAdverseEvent' },
);
export type AdverseEventInput = Static<typeof AdverseEventBody>;

const reason = Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' });

/** Only what changes; what is to be emptied is null. */
export const AdverseEventCorrection = strictObject(
  {
    reason,
    ...Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)])),
  },
  { title: 'AdverseEventCorrection' },
);
export type AdverseEventChange = Partial<Omit<AdverseEventInput, 'injectionId' | 'place' | 'performedBy'>>;

export const WithReason = strictObject({ reason }, { title: 'WithReason' });

/** Sending needs nothing; acknowledging may carry the centre's own number. */
export const DeclarationBody = strictObject(
  {
    state: Type.Enum(['sent', 'acknowledged']),
    acknowledgement: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })),
  },
  { title: 'DeclarationState' },
);
export type DeclarationInput = Static<typeof DeclarationBody>;
