import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import { type Authority, getDelegation } from '../delegations/delegations.ts';
import { type Entry, personOf, refuseWithoutRight, validatesOwn } from './act-entry.ts';
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

/** Of an act, or an adverse event, what says who may change it. */
export type Answered = Pick<Act, 'performedBy' | 'occurredAt' | 'placeFiness' | 'delegationId'>;

/**
 * On whose authority an act that stands is changed: the performer's own, that of whoever answers for a performer in
 * training, or a delegation of the performer's that covers it.
 * @throws Problem 403 `act-of-another` for everybody else, also for who entered it once and may no more.
 */
export async function authorityToChange(db: Database, entry: Entry, act: Answered): Promise<Authority> {
  const { professional } = entry;
  if (act.performedBy.id === professional.id || (await supervises(db, entry, act))) {
    return { performer: act.performedBy, delegationId: null };
  }
  const covered = { at: act.occurredAt, placeFiness: act.placeFiness };
  try {
    return await getDelegation(db, professional, act.performedBy.nationalIdentifier, covered);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'no-delegation') throw cause;
    throw ofAnother(act, cause);
  }
}

/**
 * On whose authority an act is validated: the performer's own, who may validate, or that of whoever answers for a
 * performer in training. What was entered by delegation is the delegator's alone to validate.
 * @throws Problem 403 `act-of-another`; `may-not-…` for whoever is in training themselves.
 */
export async function authorityToValidate(db: Database, entry: Entry, act: Answered): Promise<Authority> {
  const own = act.performedBy.id === entry.professional.id;
  if (own) refuseWithoutRight(entry, 'record.validate');
  if (own || (await supervises(db, entry, act))) return { performer: act.performedBy, delegationId: null };
  throw ofAnother(act);
}

/**
 * Whether one answers for what somebody in training did on their own: whoever may validate, at the site where it was
 * done.
 */
export async function supervises(db: Database, entry: Entry, act: Answered): Promise<boolean> {
  const { actingAs } = entry.professional;
  const site = actingAs?.structure?.siteFiness ?? null;
  if (act.delegationId !== null || site === null || act.placeFiness !== site) return false;
  if (act.performedBy.id === entry.professional.id || !validatesOwn(entry)) return false;
  return (await db.$count(professionals, isInTraining(act.performedBy.id))) > 0;
}

/** Whether one may change an act, and validate it: what its page offers. Asked in vain, nothing is refused. */
export async function mayDoToAct(
  db: Database,
  entry: Entry,
  act: Answered,
): Promise<{ readonly change: boolean; readonly validate: boolean }> {
  const allowed = async (authority: Promise<Authority>) => {
    try {
      await authority;
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  };
  return {
    change: await allowed(authorityToChange(db, entry, act)),
    validate: await allowed(authorityToValidate(db, entry, act)),
  };
}

/** Of a professional, whether they last acted as somebody in training. */
export function isInTraining(id: SQLWrapper | string): SQL {
  return sql`(${professionals.id} = ${id} and ${professionals.category} = 'E')`;
}

function ofAnother({ performedBy }: Answered, cause?: Problem): Problem {
  const { familyName, givenNames } = performedBy;
  return new Problem(403, 'act-of-another', {
    parameters: { name: `${givenNames} ${familyName}` },
    ...(cause && { extensions: cause.extensions, cause }),
  });
}

/** For the access log: whose authority it was, when not one's own. */
export function onBehalf({ professional }: Entry, { performer }: Authority): string | null {
  return performer.id === professional.id ? null : performer.id;
}
