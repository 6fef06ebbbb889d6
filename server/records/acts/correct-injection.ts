import type { Database } from '../../database/client.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { untilCurrent } from '../access-log/until-current.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { refuseMovedOut } from './act-authority.ts';
import { type Entry, validatesOwn } from './act-entry.ts';
import { type ActReference, changeAct } from './change-act.ts';
import { checkInjection } from './check-injection.ts';
import { getDoseContext } from './dose-context.ts';
import type { Act, Injection } from './find-act.ts';
import type { InjectionCorrectionInput, InjectionInput } from './injection-body.ts';
import { checkConsultation, findingsOf, needsReason, sameActProblem } from './record-injection.ts';
import { isSameAct } from './same-act.ts';
import { warningsOfPlace } from './unknown-finess.ts';

export interface CorrectedInjection {
  readonly injection: Injection;
  /** What is doubtful in it as it stands now. */
  readonly warnings: readonly FieldProblem[];
}

/**
 * Corrects an injection: what it was stays in its history. Its findings are worked out anew; a correction made by a
 * delegate waits for the performer's validation again, one by the performer validates.
 * @throws Problem as `changeAct`; 422 `invalid`, `dose-findings` (new warnings, no reason); 409 `act-in-error`, `same-act`.
 */
export async function correctInjection(
  db: Database,
  entry: Entry,
  reference: Omit<ActReference, 'kind'>,
  correction: InjectionCorrectionInput,
  rules: RecordRules,
  now: Date,
): Promise<CorrectedInjection> {
  let facts: { vaccine: string; day: string } | undefined;
  let warnings: readonly FieldProblem[] = [];
  try {
    const changed = await untilCurrent(() =>
      changeAct(
        db,
        entry,
        { kind: 'injection', ...reference },
        async (act, authority, tx) => {
          if (act.kind !== 'injection') throw new Error('asked for an injection');
          if (act.state !== 'recorded') throw new Problem(409, 'act-in-error');
          const context = await getDoseContext(tx, reference.patientId);
          const input = merged(act, correction);
          const checked = checkInjection(input, { vaccines: rules, birthDate: context.birthDate }, now);
          if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
          await refuseMovedOut(tx, entry, authority, checked.facts);
          facts = checked.facts;
          warnings = await warningsOfPlace(tx, entry, checked.facts.placeFiness, checked.warnings);
          const { consultationId } = checked.facts;
          if (consultationId !== null && consultationId !== act.consultationId) {
            await checkConsultation(tx, reference.patientId, consultationId);
          }
          const findings = findingsOf(checked.facts, context, rules, act.id);
          if (!input.overrideReason && findings.some(needsReason)) {
            throw new Problem(422, 'dose-findings', { extensions: { findings } });
          }
          const validated = authority.delegationId === null && validatesOwn(entry);
          return {
            change: 'correct',
            reason: correction.reason.trim(),
            set: {
              ...checked.facts,
              findings,
              overrideReason: input.overrideReason ?? null,
              notADuplicate: input.notADuplicate ?? false,
              validatedBy: validated ? entry.professional.id : null,
              validatedAt: validated ? now : null,
            },
            asOf: context.asOf,
          };
        },
        now,
      ),
    );
    return { injection: asInjection(changed), warnings };
  } catch (error) {
    if (facts && isSameAct(error)) {
      throw await sameActProblem(db, entry, reference.patientId, facts, now, reference.id);
    }
    throw error;
  }
}

/** The act as it stands with what is corrected in its place; a field given as null is emptied. */
function merged(act: Injection, { reason: _, ...correction }: InjectionCorrectionInput): InjectionInput {
  const standing = {
    occurredAt: act.occurredAt.toISOString(),
    place: {
      kind: act.placeKind,
      ...(act.placeFiness !== null && { finess: act.placeFiness }),
      ...(act.placeName !== null && { name: act.placeName }),
    },
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
    overrideReason: act.overrideReason,
    notADuplicate: act.notADuplicate,
  };
  const given = Object.entries(correction).filter(([, value]) => value !== undefined);
  const all = Object.entries({ ...standing, ...Object.fromEntries(given) }).filter(
    ([, value]) => value !== null,
  );
  // Both halves are of the input's own fields, each checked by the route's schema or stored through it.
  return Object.fromEntries(all) as InjectionInput;
}

/** An act that was asked for as an injection. */
export function asInjection(act: Act): Injection {
  if (act.kind !== 'injection') throw new Error('an injection became something else');
  return act;
}
