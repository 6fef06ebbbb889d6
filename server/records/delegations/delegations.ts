import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { Professional } from '../../identity/professional.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import type { Person } from '../acts/act-entry.ts';
import { structuresOf } from '../acts/act-place.ts';
import { type DelegationScope, delegations } from './delegations.table.ts';

/** What a delegation is asked to cover. */
export interface Covered {
  /** When the act took place. */
  readonly at: Date;
  readonly placeFiness: string | null;
}

/** A delegation to somebody, with whose authority it gives. */
export interface GivenDelegation
  extends Pick<
    typeof delegations.$inferSelect,
    'id' | 'scope' | 'structure' | 'validFrom' | 'validTo' | 'revokedAt'
  > {
  readonly performer: Person;
}

/**
 * Whether a delegation covers an act. The date of the act decides, in days of Europe/Paris, both bounds included: an
 * act done before the revocation may still be entered after it, by whom was allowed then (otherwise a delegation
 * that ends in the evening would leave the day's acts without anybody to enter them), and one done after it may not,
 * however early it is entered. What is entered late still waits for the professional's own validation.
 */
function covers(
  { validFrom, validTo, revokedAt, structure }: GivenDelegation,
  delegate: Professional,
  { at, placeFiness }: Covered,
): boolean {
  const day = parisDay(at);
  return (
    validFrom <= day &&
    (validTo === null || validTo >= day) &&
    (revokedAt === null || revokedAt > at) &&
    (structure === null ||
      structuresOf(placeFiness, delegate.actingAs?.structure ?? null).includes(structure))
  );
}

export interface Authority {
  readonly performer: Person;
  /** What lets somebody else enter for the performer; null when they do so themselves. */
  readonly delegationId: string | null;
}

/** What professionals of these national identifiers ever delegated to somebody, whether or not it holds; the latest first. */
export async function findDelegationsTo(
  db: Database,
  delegate: Professional,
  performers: readonly string[],
): Promise<readonly GivenDelegation[]> {
  if (performers.length === 0) return [];
  return db
    .select({
      id: delegations.id,
      scope: delegations.scope,
      structure: delegations.structure,
      validFrom: delegations.validFrom,
      validTo: delegations.validTo,
      revokedAt: delegations.revokedAt,
      performer: {
        id: professionals.id,
        nationalIdentifier: professionals.nationalIdentifier,
        familyName: professionals.familyName,
        givenNames: professionals.givenNames,
      },
    })
    .from(delegations)
    .innerJoin(professionals, eq(professionals.id, delegations.delegatorId))
    .where(
      and(
        inArray(professionals.nationalIdentifier, [...performers]),
        eq(delegations.delegateIdentifier, delegate.nationalIdentifier),
      ),
    )
    .orderBy(desc(delegations.createdAt), desc(delegations.id));
}

/**
 * The delegation by which `delegate` may enter an act for the professional of that national identifier.
 * @param scope `entry_and_print` when documents are to be printed; any delegation lets one enter.
 * @throws Problem 403 `no-delegation`, whose extension `why` is `none`, `not_yet`, `ended`, `revoked`, `structure`
 *   or `entry_only`, in the order in which the closest delegation fails.
 */
export async function getDelegation(
  db: Database,
  delegate: Professional,
  performer: string,
  covered: Covered,
  scope: DelegationScope = 'entry',
): Promise<Authority> {
  const given = await findDelegationsTo(db, delegate, [performer]);
  return chooseDelegation(given, delegate, performer, covered, scope);
}

/** The one among `given` that covers an act. @throws as `getDelegation`. */
export function chooseDelegation(
  given: readonly GivenDelegation[],
  delegate: Professional,
  performer: string,
  covered: Covered,
  scope: DelegationScope = 'entry',
): Authority {
  const theirs = given
    .filter((each) => each.performer.nationalIdentifier === performer)
    .map((each) => ({ ...each, covers: covers(each, delegate, covered) }));
  const found = theirs.find((each) => each.covers && (scope === 'entry' || each.scope === 'entry_and_print'));
  if (found) return { performer: found.performer, delegationId: found.id };
  const day = parisDay(covered.at);
  const reasons = theirs.map((each) => {
    if (each.covers) return 'entry_only';
    if (day < each.validFrom) return 'not_yet';
    if (each.validTo !== null && day > each.validTo) return 'ended';
    return each.revokedAt !== null && each.revokedAt <= covered.at ? 'revoked' : 'structure';
  });
  const order = ['entry_only', 'structure', 'revoked', 'ended', 'not_yet'] as const;
  const why = order.find((each) => reasons.includes(each)) ?? 'none';
  throw new Problem(403, 'no-delegation', {
    errors: [{ path: '/performedBy', key: `records-delegations.refusals.${why}` }],
    extensions: { why },
  });
}
