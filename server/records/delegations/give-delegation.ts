import { type Static, Type } from 'typebox';
import type { Database } from '../../database/client.ts';
import { strictObject } from '../../http/validation.ts';
import type { Professional } from '../../identity/professional.ts';
import { parisDay } from '../../paris-day.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { delegationScopes, delegations } from './delegations.table.ts';

export const DelegationBody = strictObject(
  {
    delegateIdentifier: Type.String({
      maxLength: 60,
      description: 'National identifier of the person: 8 and the RPPS number, or a staff identifier',
    }),
    delegateName: Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' }),
    scope: Type.Enum([...delegationScopes]),
    structure: Type.Optional(
      Type.String({ maxLength: 20, description: 'FINESS or SIRET; by default wherever the delegator works' }),
    ),
    validFrom: Type.String({ format: 'date', description: 'First day, Europe/Paris' }),
    validTo: Type.Optional(Type.String({ format: 'date', description: 'Last day, included' })),
  },
  { title: 'NewDelegation' },
);

/** A stored delegation. */
export type Delegation = typeof delegations.$inferSelect;

/**
 * Lets somebody enter on the professional's behalf. It may begin in the past: the acts it covers then wait for the
 * professional's validation like any other.
 * @throws Problem 422 `invalid` with what is to be corrected.
 */
export async function giveDelegation(
  db: Database,
  delegator: Professional,
  given: Static<typeof DelegationBody>,
  now: Date,
): Promise<Delegation> {
  const identifier = given.delegateIdentifier.replace(/\s/g, '');
  // An RPPS number alone is how people know each other: the national identifier has an 8 before it.
  const delegateIdentifier = /^\d{11}$/.test(identifier) ? `8${identifier}` : identifier;
  const structure = given.structure?.replace(/[\s.-]/g, '').toUpperCase() || null;
  const errors: FieldProblem[] = [];
  if (!/^[0-9A-Za-z/_-]{3,60}$/.test(delegateIdentifier)) {
    errors.push({ path: '/delegateIdentifier', key: 'records-delegations.errors.identifier' });
  }
  if (delegateIdentifier === delegator.nationalIdentifier) {
    errors.push({ path: '/delegateIdentifier', key: 'records-delegations.errors.self' });
  }
  if (structure !== null && !/^([0-9][0-9A-Z][0-9]{7}|[0-9]{14})$/.test(structure)) {
    errors.push({ path: '/structure', key: 'records-delegations.errors.structure' });
  }
  if (given.validTo !== undefined && given.validTo < given.validFrom) {
    errors.push({ path: '/validTo', key: 'records-delegations.errors.order' });
  } else if (given.validTo !== undefined && given.validTo < parisDay(now)) {
    errors.push({ path: '/validTo', key: 'records-delegations.errors.over' });
  }
  if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
  const [stored] = await db
    .insert(delegations)
    .values({
      delegatorId: delegator.id,
      delegateIdentifier,
      delegateName: given.delegateName.trim(),
      scope: given.scope,
      structure,
      validFrom: given.validFrom,
      validTo: given.validTo ?? null,
      createdAt: now,
    })
    .returning();
  if (!stored) throw new Error('a delegation was not stored');
  return stored;
}
