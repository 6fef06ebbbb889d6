/**
 * Purpose: incidents (the whole service is down): who is told, which cases belong to one, whom to write to when it is over.
 * Entry points: open-incidents.ts (what is open, without a query), match.ts (pure), one command per file, incidents.routes.ts.
 * May import: server/wizard's engine, server/follow-ups (the case's side of a mail), server/mail, server/database, server/http (routes only).
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { agents } from '../agents/agents.table.ts';
import type { Language } from '../texts.ts';

export const incidents = pgTable(
  'incidents',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    version: integer('version').notNull().default(1),
    titleFr: text('title_fr').notNull(),
    messageFr: text('message_fr').notNull(),
    /** Null: the French words are shown. */
    titleEn: text('title_en'),
    messageEn: text('message_en'),
    /** Values of the fact `way`; none for all of them. */
    ways: text('ways').array().notNull(),
    /** Values of the fact `symptom`; none for all of them. */
    symptoms: text('symptoms').array().notNull(),
    expectedEnd: timestamp('expected_end', { withTimezone: true }),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
    openedBy: uuid('opened_by')
      .notNull()
      .references(() => agents.id),
    closedAt: timestamp('closed_at', { withTimezone: true }),
    closedBy: uuid('closed_by').references(() => agents.id),
  },
  (table) => [
    index('incidents_open').on(table.id).where(sql`${table.closedAt} is null`),
    index('incidents_closed').on(table.closedAt).where(sql`${table.closedAt} is not null`),
  ],
);

export const incidentChangeKinds = ['opened', 'edited', 'closed', 'reopened'] as const;
export type IncidentChangeKind = (typeof incidentChangeKinds)[number];

/** Who did what to an incident. Append-only. */
export const incidentChanges = pgTable(
  'incident_changes',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    incidentId: bigint('incident_id', { mode: 'number' })
      .notNull()
      .references(() => incidents.id),
    kind: text('kind', { enum: incidentChangeKinds }).notNull(),
    /** The incident's version after the change. */
    version: integer('version').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    /** Of an edit: each field that changed, as it was and as it became. */
    fields: jsonb('fields').$type<Readonly<Record<string, readonly [unknown, unknown]>>>().notNull(),
  },
  (table) => [index('incident_changes_incident').on(table.incidentId, table.id)],
);

/** Whoever asked to be told when it is over. */
export const incidentSubscriptions = pgTable(
  'incident_subscriptions',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    incidentId: bigint('incident_id', { mode: 'number' })
      .notNull()
      .references(() => incidents.id),
    /** Null once it is of no more use: taken back by its owner, or erased after the incident. */
    email: text('email'),
    language: text('language').$type<Language>().notNull(),
    /** Secret part of the link that takes the address back. */
    token: text('token').notNull().unique(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    unsubscribedAt: timestamp('unsubscribed_at', { withTimezone: true }),
  },
  (table) => [uniqueIndex('incident_subscriptions_once').on(table.incidentId, sql`lower(${table.email})`)],
);

/** How many people who began the wizard in these five minutes came to that way in and symptom. */
export const symptomCounts = pgTable(
  'symptom_counts',
  {
    /** When the five minutes began. */
    bucket: timestamp('bucket', { withTimezone: true }).notNull(),
    /** Empty while it is not known. */
    way: text('way').notNull(),
    symptom: text('symptom').notNull(),
    sessions: integer('sessions').notNull(),
  },
  (table) => [primaryKey({ columns: [table.bucket, table.way, table.symptom] })],
);

/** A sudden rise, as it was shown to the agents. */
export const incidentSuggestions = pgTable(
  'incident_suggestions',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** What rises: the fact's name and its value. */
    fact: text('fact', { enum: ['way', 'symptom'] }).notNull(),
    value: text('value').notNull(),
    since: timestamp('since', { withTimezone: true }).notNull(),
    count: integer('count').notNull(),
    /** How many came in the same hours of the last days: the median. */
    usual: doublePrecision('usual').notNull(),
    raisedAt: timestamp('raised_at', { withTimezone: true }).notNull(),
    /** The last time the rise was still there. */
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    dismissedAt: timestamp('dismissed_at', { withTimezone: true }),
    dismissedBy: uuid('dismissed_by').references(() => agents.id),
  },
  (table) => [
    // One rise is suggested once, and a dismissed one stays dismissed for as long as it lasts.
    uniqueIndex('incident_suggestions_once').on(table.fact, table.value).where(sql`${table.endedAt} is null`),
  ],
);

/** At what pace mails about incidents leave: one row, whose lock all workers share. */
export const incidentMailPace = pgTable('incident_mail_pace', {
  id: smallint('id').primaryKey(),
  /** How many mails may leave at once, as of `at`. */
  allowance: doublePrecision('allowance').notNull(),
  at: timestamp('at', { withTimezone: true }).notNull(),
});
