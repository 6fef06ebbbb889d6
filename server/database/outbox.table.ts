import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * What must happen after a commit, written in the same transaction as its cause. The relay hands each row to
 * BullMQ under the job id `outbox-<id>`; payloads hold identifiers only.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** The job's name, see workers/queues.ts. */
    job: text('job').notNull(),
    payload: jsonb('payload').$type<Readonly<Record<string, string | number>>>().notNull(),
    /** The job must not run before this instant. */
    notBefore: timestamp('not_before', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    relayedAt: timestamp('relayed_at', { withTimezone: true }),
  },
  (table) => [
    index('outbox_to_relay').on(table.id).where(sql`${table.relayedAt} is null`),
    index('outbox_relayed').on(table.relayedAt).where(sql`${table.relayedAt} is not null`),
  ],
);
