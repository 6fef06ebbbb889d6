import type { Database } from '../../database/client.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { refuseMovedOut } from './act-authority.ts';
import { type Entry, validatesOwn } from './act-entry.ts';
import { type ActReference, changeAct } from './change-act.ts';
import { checkConsultation, readRepresentative } from './check-consultation.ts';
import type { ConsultationCorrectionInput, ConsultationInput } from './consultation-body.ts';
import { getDoseContext } from './dose-context.ts';
import type { Consultation } from './find-act.ts';
import { warningsOfPlace } from './unknown-finess.ts';

/**
 * Corrects a consultation; as `correctInjection` does.
 * @throws Problem as `changeAct`; 422 `invalid`; 409 `act-in-error`.
 */
export async function correctConsultation(
  db: Database,
  entry: Entry,
  reference: Omit<ActReference, 'kind'>,
  correction: ConsultationCorrectionInput,
  now: Date,
): Promise<{ readonly consultation: Consultation; readonly warnings: readonly FieldProblem[] }> {
  let warnings: readonly FieldProblem[] = [];
  const changed = await changeAct(
    db,
    entry,
    { kind: 'consultation', ...reference },
    async (act, authority, tx) => {
      if (act.kind !== 'consultation') throw new Error('asked for a consultation');
      if (act.state !== 'recorded') throw new Problem(409, 'act-in-error');
      const { birthDate } = await getDoseContext(tx, reference.patientId);
      const checked = checkConsultation(merged(act, correction), birthDate, now);
      if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
      await refuseMovedOut(tx, entry, authority, checked.facts);
      warnings = await warningsOfPlace(tx, entry, checked.facts.placeFiness, checked.warnings);
      const validated = authority.delegationId === null && validatesOwn(entry);
      return {
        change: 'correct',
        reason: correction.reason.trim(),
        set: {
          ...checked.facts,
          validatedBy: validated ? entry.professional.id : null,
          validatedAt: validated ? now : null,
        },
      };
    },
    now,
  );
  if (changed.kind !== 'consultation') throw new Error('a consultation became something else');
  return { consultation: changed, warnings };
}

function merged(
  act: Consultation,
  { reason: _, ...correction }: ConsultationCorrectionInput,
): ConsultationInput {
  const representative = readRepresentative(act);
  const { questionnaire } = act;
  const standing = {
    occurredAt: act.occurredAt.toISOString(),
    place: {
      kind: act.placeKind,
      ...(act.placeFiness !== null && { finess: act.placeFiness }),
      ...(act.placeName !== null && { name: act.placeName }),
    },
    questionnaire: Object.fromEntries(Object.entries(questionnaire).filter(([, answer]) => answer !== null)),
    consent: act.consent,
    ...(representative && { representative }),
    decision: act.decision,
    ...(act.deferredUntil !== null && { deferredUntil: act.deferredUntil }),
    ...(act.comment !== null && { comment: act.comment }),
  };
  const given = Object.entries(correction).filter(([, value]) => value !== undefined);
  return { ...standing, ...Object.fromEntries(given) };
}
