/**
 * Purpose: who lets whom enter on their behalf, from when to when, for which structure.
 * Entry points: give-delegation.ts, revoke-delegation.ts, delegations.ts (whether one held), delegations.routes.ts.
 * May import: server/identity, server/database, server/http (routes only).
 */
import { sql } from 'drizzle-orm';
import { date, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { professionals } from '../../identity/identity.table.ts';

export const delegationScopes = ['entry', 'entry_and_print'] as const;
export type DelegationScope = (typeof delegationScopes)[number];

/** A professional lets a named person enter on their behalf. Whether it held is asked at the date of the act. */
export const delegations = pgTable(
  'delegations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    delegatorId: uuid('delegator_id')
      .notNull()
      .references(() => professionals.id),
    /** National identifier of the delegate, who may not have signed in yet. */
    delegateIdentifier: text('delegate_identifier').notNull(),
    /** The delegate's name as the delegator wrote it. */
    delegateName: text('delegate_name').notNull(),
    scope: text('scope', { enum: delegationScopes }).notNull(),
    /** Site or legal FINESS, or SIRET, of the structure it is for; null: wherever the delegator works. */
    structure: text('structure'),
    /** First and last day, both included, Europe/Paris. */
    validFrom: date('valid_from', { mode: 'string' }).notNull(),
    validTo: date('valid_to', { mode: 'string' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** From this instant on it lets nothing more be done; what was done before stays covered. */
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (table) => [
    index('delegations_delegator').on(table.delegatorId),
    index('delegations_delegate').on(table.delegateIdentifier).where(sql`${table.revokedAt} is null`),
  ],
);
