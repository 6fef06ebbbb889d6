import { parisDay } from '../../paris-day.ts';
import type { FieldProblem } from '../../problem.ts';
import { type ActPlace, checkPlace } from './act-place.ts';
import type { consultations } from './acts.table.ts';
import { instantProblems } from './check-injection.ts';
import type { ConsultationInput } from './consultation-body.ts';

/** What a consultation says, checked and as it is stored. */
export type ConsultationFacts = ActPlace &
  Pick<
    typeof consultations.$inferSelect,
    | 'occurredAt'
    | 'questionnaire'
    | 'consent'
    | 'representativeName'
    | 'representativeCapacity'
    | 'decision'
    | 'deferredUntil'
    | 'comment'
  >;

export type ConsultationCheck =
  | { readonly facts: ConsultationFacts; readonly warnings: readonly FieldProblem[] }
  | { readonly errors: readonly FieldProblem[] };

/** Refuses what contradicts itself: a fit decision without consent, an opposition with one, a deferral without a day. */
export function checkConsultation(given: ConsultationInput, birthDate: string, now: Date): ConsultationCheck {
  const occurredAt = new Date(given.occurredAt);
  const day = parisDay(occurredAt);
  const place = checkPlace(given.place);
  const { consent, decision, questionnaire: asked } = given;
  const errors: FieldProblem[] = [...instantProblems(occurredAt, day, birthDate, now)];
  const fault = (path: string, key: string) => errors.push({ path, key: `records-acts.errors.${key}` });
  if ('errors' in place) errors.push(...place.errors);
  const name = given.representative?.name.trim() ?? '';
  const capacity = given.representative?.capacity.trim() ?? '';
  if (consent === 'representative') {
    if (name === '') fault('/representative/name', 'representative_name');
    if (capacity === '') fault('/representative/capacity', 'representative_capacity');
  }
  if (decision === 'fit' && consent === 'none') fault('/consent', 'consent_missing');
  if (decision === 'opposed' && consent !== 'none') fault('/consent', 'consent_opposed');
  const until = decision === 'deferred' ? given.deferredUntil : undefined;
  if (decision === 'deferred' && until === undefined) fault('/deferredUntil', 'deferred_missing');
  if (until !== undefined && until <= day) fault('/deferredUntil', 'deferred_past');
  const infected = asked.pastInfectionDate;
  if (infected !== undefined && infected > day) fault('/questionnaire/pastInfectionDate', 'infection_later');
  else if (infected !== undefined && infected < birthDate) {
    fault('/questionnaire/pastInfectionDate', 'before_birth');
  }
  if (infected !== undefined && asked.pastInfection === false) {
    fault('/questionnaire/pastInfectionDate', 'infection_denied');
  }
  if ('errors' in place || errors.length > 0) return { errors };
  return {
    facts: {
      ...place.place,
      occurredAt,
      questionnaire: {
        // A date says that there was one.
        pastInfection: asked.pastInfection ?? (infected === undefined ? null : true),
        pastInfectionDate: infected ?? null,
        allergies: asked.allergies?.trim() || null,
        contraindications: asked.contraindications?.trim() || null,
        pregnancy: asked.pregnancy ?? null,
        treatments: asked.treatments?.trim() || null,
        fever: asked.fever ?? null,
      },
      consent,
      representativeName: consent === 'representative' ? name : null,
      representativeCapacity: consent === 'representative' ? capacity : null,
      decision,
      deferredUntil: until ?? null,
      comment: given.comment?.trim() || null,
    },
    warnings: place.warnings,
  };
}

/** Name and capacity (empty when it was not told apart) of who consented for the patient; undefined when nobody did. */
export function readRepresentative({
  representativeName: name,
  representativeCapacity: capacity,
}: Pick<ConsultationFacts, 'representativeName' | 'representativeCapacity'>):
  | { readonly name: string; readonly capacity: string }
  | undefined {
  return name === null ? undefined : { name, capacity: capacity ?? '' };
}
