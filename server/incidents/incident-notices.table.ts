import { sql } from 'drizzle-orm';
import { bigint, index, pgTable, smallint, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import { cases } from '../cases/cases.table.ts';
import type { Language } from '../texts.ts';
import { incidentSubscriptions, incidents } from './incidents.table.ts';

export const noticeStates = ['planned', 'sending', 'sent', 'cancelled', 'failed'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** The mail that says that an incident is over: one for each address, however many cases and wishes it has. */
export const incidentNotices = pgTable(
  'incident_notices',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    incidentId: bigint('incident_id', { mode: 'number' })
      .notNull()
      .references(() => incidents.id),
    /** Null once it was erased. */
    email: text('email'),
    language: text('language').$type<Language>().notNull(),
    /** The linked case whose page the mail leads to; absent for whoever only asked to be told. */
    caseId: bigint('case_id', { mode: 'number' }).references(() => cases.id),
    subscriptionId: bigint('subscription_id', { mode: 'number' }).references(() => incidentSubscriptions.id),
    state: text('state', { enum: noticeStates }).notNull().default('planned'),
    /** Deliveries begun whose end is unknown or known: a mail is never begun more than twice. */
    attempts: smallint('attempts').notNull().default(0),
    sendingSince: timestamp('sending_since', { withTimezone: true }),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    /** Why it did not go, without addresses. */
    failure: text('failure'),
  },
  (table) => [
    uniqueIndex('incident_notices_once').on(table.incidentId, sql`lower(${table.email})`),
    index('incident_notices_to_send')
      .on(table.incidentId, table.id)
      .where(sql`${table.state} in ('planned', 'sending')`),
  ],
);
