import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { authorityToValidate } from './act-authority.ts';
import type { Entry } from './act-entry.ts';
import { type ActReference, changeAct } from './change-act.ts';
import type { Act } from './find-act.ts';
import { sameActProblem } from './record-injection.ts';
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

/**
 * Takes back "entered in error".
 * @param notADuplicate two doses of the same vaccine were given that day.
 * @throws Problem as `changeAct`; 409 `same-act` when another one stands in its place meanwhile.
 */
export async function restoreAct(
  db: Database,
  entry: Entry,
  reference: ActReference,
  {
    reason,
    notADuplicate = false,
  }: { readonly reason: string; readonly notADuplicate?: boolean | undefined },
  now: Date,
): Promise<Act> {
  let restored: Act | undefined;
  try {
    return await changeAct(
      db,
      entry,
      reference,
      (act) => {
        restored = act;
        if (act.state === 'recorded') return undefined;
        const apart = act.kind === 'injection' && notADuplicate;
        return {
          change: 'restore',
          reason: reason.trim(),
          set: { state: 'recorded', ...(apart && { notADuplicate, overrideReason: reason.trim() }) },
        };
      },
      now,
    );
  } catch (error) {
    if (restored?.kind === 'injection' && isSameAct(error)) {
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
