/**
 * Purpose: the mails a practitioner agreed to receive about a case: which, when, and whether they went.
 * Entry points: plan.ts (pure), send-follow-up.ts, replies.ts.
 * May import: server/routing, server/cases, server/mail, server/database.
 */
import { bigint, index, pgTable, smallint, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import { cases } from '../cases/cases.table.ts';

/** What is planned, written and sent here. */
export const mailedKinds = [
  'case_opened',
  'did_it_work',
  'update_through',
  'message_from_desk',
  'callback_booked',
  'callback_reminder',
  'callback_cancelled',
  'callback_moved',
  'callback_withdrawn',
  'callback_missed',
] as const;
export type MailedKind = (typeof mailedKinds)[number];

/** The mails that ask whether it works, by two links. */
export const askingKinds: ReadonlySet<FollowUpKind> = new Set<FollowUpKind>([
  'did_it_work',
  'update_through',
  'incident_over',
]);

/** Those, and what another part sends and keeps among a case's follow-ups: `incident_over`, of server/incidents. */
export const followUpKinds = [...mailedKinds, 'incident_over'] as const;
export type FollowUpKind = (typeof followUpKinds)[number];

export const followUpStates = ['planned', 'sending', 'sent', 'cancelled', 'failed'] as const;
export type FollowUpState = (typeof followUpStates)[number];

export const followUps = pgTable(
  'follow_ups',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    caseId: bigint('case_id', { mode: 'number' })
      .notNull()
      .references(() => cases.id),
    kind: text('kind', { enum: followUpKinds }).notNull(),
    /**
     * Tells apart mails of one kind: `1`, `2`… for successive rounds, a message's id for `message_from_desk`, an
     * incident's for `incident_over`, a callback's for those about callbacks.
     */
    round: bigint('round', { mode: 'number' }).notNull(),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    state: text('state', { enum: followUpStates }).notNull().default('planned'),
    /** Deliveries begun whose end is unknown or known: a mail is never begun more than twice. */
    attempts: smallint('attempts').notNull().default(0),
    sendingSince: timestamp('sending_since', { withTimezone: true }),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    /** What the mail server said when it refused, without addresses. */
    failure: text('failure'),
    /** The practitioner's one-click answer to a mail that asks. */
    reply: text('reply', { enum: ['works', 'stuck'] }),
    repliedAt: timestamp('replied_at', { withTimezone: true }),
  },
  (table) => [
    uniqueIndex('follow_ups_once').on(table.caseId, table.kind, table.round),
    index('follow_ups_due').on(table.state, table.dueAt),
  ],
);
