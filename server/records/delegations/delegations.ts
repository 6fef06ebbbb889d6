import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { Professional } from '../../identity/professional.ts';
import { Problem } from '../../problem.ts';
import type { Person } from '../acts/act-entry.ts';
import { structuresOf } from '../acts/act-place.ts';
import { parisDay } from '../rules/dose-rules.ts';
import { type DelegationScope, delegations } from './delegations.table.ts';

/** What a delegation is asked to cover. */
export interface Covered {
  /** When the act took place. */
  readonly at: Date;
  readonly placeFiness: string | null;
}

/**
 * Whether a delegation covers an act. The date of the act decides, in days of Europe/Paris, both bounds included: an
 * act done before the revocation may still be entered after it, by whom was allowed then (otherwise a delegation
 * that ends in the evening would leave the day's acts without anybody to enter them), and one done after it may not,
 * however early it is entered. What is entered late still waits for the professional's own validation.
 */
export function covers(delegate: Professional, { at, placeFiness }: Covered): SQL {
  const day = parisDay(at);
  const structures = structuresOf(placeFiness, delegate.actingAs?.structure ?? null);
  const named = sql.join([sql`null`, ...structures.map((each) => sql`${each}`)], sql`, `);
  return sql`(${delegations.validFrom} <= ${day}::date
    and (${delegations.validTo} is null or ${delegations.validTo} >= ${day}::date)
    and (${delegations.revokedAt} is null or ${delegations.revokedAt} > ${at.toISOString()}::timestamptz)
    and (${delegations.structure} is null or ${delegations.structure} in (${named})))`;
}

export interface Authority {
  readonly performer: Person;
  /** What lets somebody else enter for the performer; null when they do so themselves. */
  readonly delegationId: string | null;
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
  const given = await db
    .select({
      id: delegations.id,
      scope: delegations.scope,
      structure: delegations.structure,
      validFrom: delegations.validFrom,
      validTo: delegations.validTo,
      revokedAt: delegations.revokedAt,
      covers: sql<boolean>`${covers(delegate, covered)}`,
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
        eq(professionals.nationalIdentifier, performer),
        eq(delegations.delegateIdentifier, delegate.nationalIdentifier),
      ),
    );
  const found = given.find((each) => each.covers && (scope === 'entry' || each.scope === 'entry_and_print'));
  if (found) return { performer: found.performer, delegationId: found.id };
  const day = parisDay(covered.at);
  const reasons = given.map((each) => {
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
