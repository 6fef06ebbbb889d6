import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { type Authority, getDelegation } from '../delegations/delegations.ts';
import { type Entry, personOf, refuseWithoutRight } from './act-entry.ts';
import type { Act } from './find-act.ts';

/**
 * On whose authority an act is entered: one's own, or that of the professional of that national identifier.
 * @throws Problem 403 `no-delegation`; `may-not-…` for whoever may not do such an act themselves.
 */
export async function authorityToEnter(
  db: Database,
  entry: Entry,
  right: 'consultation.record' | 'injection.record' | 'adverse_event.declare',
  {
    performedBy,
    at,
    placeFiness,
  }: { readonly performedBy?: string | undefined; readonly at: Date; readonly placeFiness: string | null },
): Promise<Authority> {
  const { professional } = entry;
  const performer = performedBy?.trim() || professional.nationalIdentifier;
  if (performer === professional.nationalIdentifier) {
    refuseWithoutRight(entry, right);
    return { performer: personOf(professional), delegationId: null };
  }
  return getDelegation(db, professional, performer, { at, placeFiness });
}

/**
 * On whose authority an act that stands is changed: the performer's own, or a delegation of theirs that covers it.
 * @throws Problem 403 `act-of-another` for everybody else, also for who entered it once and may no more.
 */
export async function authorityToChange(
  db: Database,
  entry: Entry,
  act: Pick<Act, 'performedBy' | 'occurredAt' | 'placeFiness'>,
): Promise<Authority> {
  const { professional } = entry;
  if (act.performedBy.id === professional.id) return { performer: act.performedBy, delegationId: null };
  const covered = { at: act.occurredAt, placeFiness: act.placeFiness };
  try {
    return await getDelegation(db, professional, act.performedBy.nationalIdentifier, covered);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'no-delegation') throw cause;
    const { familyName, givenNames } = act.performedBy;
    throw new Problem(403, 'act-of-another', {
      parameters: { name: `${givenNames} ${familyName}` },
      extensions: cause.extensions,
      cause,
    });
  }
}

/** For the access log: whose authority it was, when not one's own. */
export function onBehalf({ professional }: Entry, { performer }: Authority): string | null {
  return performer.id === professional.id ? null : performer.id;
}
