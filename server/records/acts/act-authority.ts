import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import {
  type Authority,
  type Covered,
  chooseDelegation,
  findDelegationsTo,
  type GivenDelegation,
  getDelegation,
} from '../delegations/delegations.ts';
import { type Entry, personOf, refuseWithoutRight, validatesOwn } from './act-entry.ts';
import type { Act } from './find-act.ts';

type RecordingRight = 'consultation.record' | 'injection.record' | 'adverse_event.declare';

/** What an act to be entered says of who performed it, when and where. */
export interface Performed extends Covered {
  readonly performedBy?: string | undefined;
}

/**
 * On whose authority an act is entered: one's own, or that of the professional of that national identifier.
 * @throws Problem 403 `no-delegation`; `may-not-…` for whoever may not do such an act themselves.
 */
export async function authorityToEnter(
  db: Database,
  entry: Entry,
  right: RecordingRight,
  performed: Performed,
): Promise<Authority> {
  const other = otherPerformer(entry, performed.performedBy);
  const given = other === undefined ? [] : await findDelegationsTo(db, entry.professional, [other]);
  return authorityAmong(given, entry, right, performed);
}

/** The national identifier of who performed an act, when that is not whoever enters it. */
export function otherPerformer({ professional }: Entry, performedBy: string | undefined): string | undefined {
  const performer = performedBy?.trim() || professional.nationalIdentifier;
  return performer === professional.nationalIdentifier ? undefined : performer;
}

/** As `authorityToEnter`, with the delegations read before: of one act, or of many. Same errors. */
export function authorityAmong(
  given: readonly GivenDelegation[],
  entry: Entry,
  right: RecordingRight,
  { performedBy, at, placeFiness }: Performed,
): Authority {
  const other = otherPerformer(entry, performedBy);
  if (other !== undefined) return chooseDelegation(given, entry.professional, other, { at, placeFiness });
  refuseWithoutRight(entry, right);
  return { performer: personOf(entry.professional), delegationId: null };
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
 * Whether the authority by which an act is changed holds for what it is changed into too: a delegate moves no act to a day
 * or a place for which they could not have entered it.
 * @throws Problem 403 `no-delegation`, on what was moved.
 */
export async function refuseMovedOut(
  db: Database,
  { professional }: Entry,
  { performer, delegationId }: Authority,
  { occurredAt, placeFiness }: Pick<Answered, 'occurredAt' | 'placeFiness'>,
): Promise<void> {
  if (delegationId === null) return;
  try {
    await getDelegation(db, professional, performer.nationalIdentifier, { at: occurredAt, placeFiness });
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'no-delegation') throw cause;
    const path = cause.extensions.why === 'structure' ? '/place/finess' : '/occurredAt';
    const errors = cause.errors.map((each) => ({ ...each, path }));
    throw new Problem(403, cause.code, { errors, extensions: cause.extensions, cause });
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
