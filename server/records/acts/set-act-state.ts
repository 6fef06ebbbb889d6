import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { untilCurrent } from '../access-log/until-current.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { authorityToValidate } from './act-authority.ts';
import type { Entry } from './act-entry.ts';
import { type ActReference, changeAct } from './change-act.ts';
import { getDoseContext } from './dose-context.ts';
import type { Act } from './find-act.ts';
import { findingsOf, needsReason, sameActProblem } from './record-injection.ts';
import { isSameAct } from './same-act.ts';

/**
 * Sets an act aside as entered in error: it is shown as such and counts for nothing more. Never deleted. Done twice, it
 * is done once.
 * @throws Problem as `changeAct`.
 */
export function enterInError(
  db: Database,
  entry: Entry,
  reference: ActReference,
  reason: string,
  now: Date,
): Promise<Act> {
  return changeAct(
    db,
    entry,
    reference,
    ({ state }) =>
      state === 'recorded'
        ? { change: 'enter_in_error', reason: reason.trim(), set: { state: 'entered_in_error' } }
        : undefined,
    now,
  );
}

/** The same vaccine stands on that day: nothing was written, and who reads of it is logged once. */
class StandsAlready extends Error {}

/** With what an act is taken back. */
export interface Restoring {
  readonly reason: string;
  /** Of an injection: why it counts in spite of what the dose rules say now; its own holds when none is given. */
  readonly overrideReason?: string | undefined;
  /** Two doses of the same vaccine were given that day. */
  readonly notADuplicate?: boolean | undefined;
}

/**
 * Takes back "entered in error". An injection is judged as a new one would be: by what stands in the record now.
 * @throws Problem as `changeAct`; 409 `same-act` when another one stands in its place meanwhile; 422 `dose-findings`
 *   with the `findings` when a warning stands and there is no reason for it.
 */
export async function restoreAct(
  db: Database,
  entry: Entry,
  reference: ActReference,
  { reason, overrideReason, notADuplicate = false }: Restoring,
  rules: RecordRules,
  now: Date,
): Promise<Act> {
  let restored: Act | undefined;
  try {
    return await untilCurrent(() =>
      changeAct(
        db,
        entry,
        reference,
        async (act, _authority, tx) => {
          restored = act;
          if (act.state === 'recorded') return undefined;
          const change = { change: 'restore', reason: reason.trim() } as const;
          if (act.kind === 'consultation') return { ...change, set: { state: 'recorded' } };
          const context = await getDoseContext(tx, reference.patientId);
          const apart = notADuplicate || act.notADuplicate;
          const stands = context.history.doses.some(
            ({ vaccine, day }) => vaccine === act.vaccine && day === act.day,
          );
          if (stands && !apart) throw new StandsAlready();
          const findings = findingsOf(act, context, rules, act.id);
          const insists =
            overrideReason?.trim() || (notADuplicate ? reason.trim() : act.overrideReason) || null;
          if (insists === null && findings.some(needsReason)) {
            throw new Problem(422, 'dose-findings', { extensions: { findings } });
          }
          return {
            ...change,
            set: { state: 'recorded', findings, overrideReason: insists, notADuplicate: apart },
            asOf: context.asOf,
          };
        },
        now,
      ),
    );
  } catch (error) {
    if (restored?.kind === 'injection' && (error instanceof StandsAlready || isSameAct(error))) {
      throw await sameActProblem(db, entry, reference.patientId, restored, now, reference.id);
    }
    throw error;
  }
}

/**
 * Validates what a delegate entered, or somebody in training: by the performer, or for the latter by any professional of
 * the same site who may validate. Done twice, the first one stays named.
 * @throws Problem as `changeAct`; 409 `act-in-error`.
 */
export function validateAct(db: Database, entry: Entry, reference: ActReference, now: Date): Promise<Act> {
  return changeAct(
    db,
    entry,
    reference,
    (act) => {
      if (act.state !== 'recorded') throw new Problem(409, 'act-in-error');
      if (act.validatedBy !== null) return undefined;
      return {
        change: 'validate',
        reason: null,
        set: { validatedBy: entry.professional.id, validatedAt: now },
      };
    },
    now,
    authorityToValidate,
  );
}
