import type { Professional } from '../../identity/professional.ts';
import type { Decision, Right } from '../../identity/rights.ts';
import { Problem } from '../../problem.ts';
import type { Access } from '../access-log/log-access.ts';

/** Who gives a command or asks to read, and by which request; the command adds what was done and for whom. */
export interface Entry extends Pick<Access, 'professional' | 'route' | 'requestId' | 'proof'> {
  /** Whether they may do something now. */
  readonly may: (right: Right) => Decision;
}

/** How a professional is named on an act. */
export interface Person {
  readonly id: string;
  readonly nationalIdentifier: string;
  readonly familyName: string;
  readonly givenNames: string;
}

/** The signed-in professional as acts name them. */
export function personOf({ id, nationalIdentifier, familyName, givenNames }: Professional): Person {
  return { id, nationalIdentifier, familyName, givenNames };
}

/**
 * @throws Problem 403 `may-not-<reason>` for whoever does not hold the right for themselves: a right that is held for
 *   what was delegated alone is none here.
 */
export function refuseWithoutRight({ may }: Entry, right: Right): void {
  const decision = may(right);
  const reason = 'refused' in decision ? decision.refused : decision.byDelegation ? 'profession' : undefined;
  if (reason) throw new Problem(403, `may-not-${reason}`, { extensions: { right, reason } });
}

/** Whether what one enters in one's own name is validated by that; not so for whoever is in training. */
export function validatesOwn({ may }: Entry): boolean {
  const decision = may('record.validate');
  return 'allowed' in decision && !decision.byDelegation;
}

/**
 * Whether one answers for one's own declaration of an adverse event: also who may declare without answering for other
 * acts (other professions), but nobody in training.
 */
export function answersForOwn(entry: Entry): boolean {
  return validatesOwn(entry) || entry.professional.actingAs?.category !== 'E';
}
