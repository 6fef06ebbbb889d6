import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { Professional } from '../../identity/professional.ts';
import { parisDay } from '../../paris-day.ts';
import type { Person } from '../acts/act-entry.ts';
import { delegations } from './delegations.table.ts';
import type { Delegation } from './give-delegation.ts';

export type DelegationState = 'planned' | 'current' | 'ended' | 'revoked';

export interface ListedDelegation extends Delegation {
  readonly delegator: Person;
  readonly state: DelegationState;
}

/** More than anybody gives or has. */
const most = 200;

/** The delegations that a professional gave, and those given to them, the latest first. */
export async function listDelegations(
  db: Database,
  { id, nationalIdentifier }: Pick<Professional, 'id' | 'nationalIdentifier'>,
  now: Date,
): Promise<{ readonly given: readonly ListedDelegation[]; readonly received: readonly ListedDelegation[] }> {
  const query = () =>
    db
      .select({
        delegation: delegations,
        delegator: {
          id: professionals.id,
          nationalIdentifier: professionals.nationalIdentifier,
          familyName: professionals.familyName,
          givenNames: professionals.givenNames,
        },
      })
      .from(delegations)
      .innerJoin(professionals, eq(professionals.id, delegations.delegatorId))
      .orderBy(desc(delegations.createdAt), desc(delegations.id))
      .limit(most);
  const given = await query().where(eq(delegations.delegatorId, id));
  const received = await query().where(eq(delegations.delegateIdentifier, nationalIdentifier));
  const day = parisDay(now);
  const listed = (rows: typeof given) =>
    rows.map(({ delegation, delegator }) => ({
      ...delegation,
      delegator,
      state: delegationState(delegation, day),
    }));
  return { given: listed(given), received: listed(received) };
}

/** How a delegation stands on a day (YYYY-MM-DD, Europe/Paris). */
export function delegationState(
  { validFrom, validTo, revokedAt }: Pick<Delegation, 'validFrom' | 'validTo' | 'revokedAt'>,
  day: string,
): DelegationState {
  if (revokedAt !== null) return 'revoked';
  if (day < validFrom) return 'planned';
  return validTo !== null && validTo < day ? 'ended' : 'current';
}
