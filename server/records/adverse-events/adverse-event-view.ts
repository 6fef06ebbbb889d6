import { type Static, type TSchema, Type } from 'typebox';
import type { Person } from '../acts/act-entry.ts';
import { declarationStates, outcomes, seriousnessCriteria } from '../acts/acts.table.ts';
import type { AdverseEvent } from './find-adverse-events.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const PersonSchema = Type.Object({
  nationalIdentifier: Type.String(),
  familyName: Type.String(),
  givenNames: Type.String(),
});

/** An adverse event as the API shows it. */
export const AdverseEventSchema = Type.Object(
  {
    id: Type.String(),
    version: Type.Integer(),
    state: Type.Enum(['recorded', 'entered_in_error']),
    patientId: Type.String(),
    injection: Type.Object({
      id: Type.String(),
      vaccine: Type.String(),
      lot: Type.String(),
      occurredAt: Type.String(),
      doseRank: Type.Integer(),
      doseTotal: Type.Integer(),
    }),
    onset: Type.String(),
    description: Type.String(),
    terms: Type.Array(Type.Object({ system: Type.String(), code: Type.String(), display: Type.String() })),
    serious: Type.Boolean(),
    criteria: Type.Array(Type.Enum([...seriousnessCriteria])),
    hospitalisedFrom: orNull(Type.String()),
    hospitalisedTo: orNull(Type.String()),
    diedOn: orNull(Type.String()),
    outcome: Type.Enum([...outcomes]),
    endedOn: orNull(Type.String()),
    pregnancy: orNull(Type.Boolean()),
    pregnancyWeeks: orNull(Type.Integer()),
    lotSuspected: Type.Boolean(),
    declaration: Type.Object({
      state: Type.Enum([...declarationStates]),
      sentAt: orNull(Type.String()),
      sentBy: orNull(PersonSchema),
      acknowledgedAt: orNull(Type.String()),
      acknowledgedBy: orNull(PersonSchema),
      acknowledgement: orNull(Type.String()),
    }),
    performedBy: PersonSchema,
    enteredBy: PersonSchema,
    validatedBy: orNull(PersonSchema),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  { title: 'AdverseEvent' },
);

export function adverseEventView(event: AdverseEvent): Static<typeof AdverseEventSchema> {
  const { injection } = event;
  return {
    id: event.id,
    version: event.version,
    state: event.state,
    patientId: event.patientId,
    injection: {
      id: injection.id,
      vaccine: injection.vaccine,
      lot: injection.lot,
      occurredAt: injection.occurredAt.toISOString(),
      doseRank: injection.doseRank,
      doseTotal: injection.doseTotal,
    },
    onset: event.occurredAt.toISOString(),
    description: event.description,
    terms: [...event.terms],
    serious: event.serious,
    criteria: [...event.criteria],
    hospitalisedFrom: event.hospitalisedFrom,
    hospitalisedTo: event.hospitalisedTo,
    diedOn: event.diedOn,
    outcome: event.outcome,
    endedOn: event.endedOn,
    pregnancy: event.pregnancy,
    pregnancyWeeks: event.pregnancyWeeks,
    lotSuspected: event.lotSuspected,
    declaration: {
      state: event.declaration,
      sentAt: event.declaredAt?.toISOString() ?? null,
      sentBy: person(event.declaredBy),
      acknowledgedAt: event.acknowledgedAt?.toISOString() ?? null,
      acknowledgedBy: person(event.acknowledgedBy),
      acknowledgement: event.acknowledgement,
    },
    performedBy: named(event.performedBy),
    enteredBy: named(event.enteredBy),
    validatedBy: person(event.validatedBy),
    createdAt: event.createdAt.toISOString(),
    updatedAt: event.updatedAt.toISOString(),
  };
}

function named({ nationalIdentifier, familyName, givenNames }: Person) {
  return { nationalIdentifier, familyName, givenNames };
}

function person(each: Person | null) {
  return each && named(each);
}
