/**
 * Purpose: the cases of practitioners who are still stuck, and everything that happened to them.
 * Entry points: one command per file (open-case.ts, claim-case.ts, …), find-case.ts, list-cases.ts, cases.routes.ts.
 * May import: server/wizard, server/routing, server/agents, server/follow-ups/plan, server/database, server/http (routes only).
 */
import { isNotNull, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { agents } from '../agents/agents.table.ts';
import { incidents } from '../incidents/incidents.table.ts';
import { modes, settings } from '../routing/practitioner-types.ts';
import type { RoutingReason } from '../routing/route-case.ts';
import type { Language } from '../texts.ts';

export const caseStates = ['waiting', 'in_progress', 'pending', 'resolved', 'closed'] as const;
export type CaseState = (typeof caseStates)[number];

/** In the order in which they are served; the stored rank is the place in this list. */
export const priorities = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** One answered question, frozen as it was displayed, in every language. */
export interface TrailEntry {
  readonly node: string;
  readonly answer: string;
  readonly title: Readonly<Record<Language, string>>;
  readonly label: Readonly<Record<Language, string>>;
}

export const cases = pgTable(
  'cases',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** What is said on the telephone: `VC-100001`. */
    number: text('number').notNull().unique().default(sql`'VC-' || nextval('case_numbers')`),
    hotlineId: text('hotline_id').notNull(),
    state: text('state', { enum: caseStates }).notNull().default('waiting'),
    /** Place in `priorities`. */
    priorityRank: smallint('priority_rank').notNull().default(2),
    version: integer('version').notNull().default(1),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
    waitingSince: timestamp('waiting_since', { withTimezone: true }).notNull(),
    /** Set when the practitioner came back "still stuck": the case goes before all others. */
    returnedAt: timestamp('returned_at', { withTimezone: true }),
    resolvedAt: timestamp('resolved_at', { withTimezone: true }),
    /** When the practitioner is called back, while a callback is booked: server/callbacks keeps it so. */
    callbackAt: timestamp('callback_at', { withTimezone: true }),
    assigneeId: uuid('assignee_id').references(() => agents.id),
    /** Which of the assignee's places the case takes while in progress: capacity is a unique index. */
    assigneeSlot: smallint('assignee_slot'),
    /** The case that this one was merged into. */
    mergedInto: bigint('merged_into', { mode: 'number' }).references((): AnyPgColumn => cases.id),

    contactName: text('contact_name').notNull(),
    contactEmail: text('contact_email'),
    /** E.164. */
    contactPhone: text('contact_phone'),
    language: text('language').$type<Language>().notNull(),
    rpps: text('rpps'),
    /** The RPPS number's check digit is wrong: shown, never refused. */
    rppsDoubtful: boolean('rpps_doubtful').notNull().default(false),
    /** TRE_G15 code, or what the caller sent. */
    profession: text('profession'),
    mode: text('mode', { enum: modes }),
    setting: text('setting', { enum: settings }),
    finess: text('finess'),
    message: text('message'),
    followUps: boolean('follow_ups').notNull(),

    routingReason: jsonb('routing_reason').$type<RoutingReason>().notNull(),
    wizardSessionId: uuid('wizard_session_id').notNull(),
    flow: text('flow').notNull(),
    flowVersion: integer('flow_version').notNull(),
    trail: jsonb('trail').$type<readonly TrailEntry[]>().notNull(),
    /** One line for the queue: the way in and the symptom, in words, by language. */
    summary: jsonb('summary').$type<Readonly<Record<Language, string>>>().notNull(),
    /** The facts `way` and `symptom` of the answers, where they told them. */
    way: text('way'),
    symptom: text('symptom'),
    /** The incident that the case belongs to. */
    incidentId: bigint('incident_id', { mode: 'number' }).references(() => incidents.id),
    /** Secret part of the practitioner's link `/suivi/<token>`. */
    trackingToken: text('tracking_token').notNull().unique(),
  },
  (table) => [
    uniqueIndex('cases_one_per_wizard_session').on(table.wizardSessionId),
    uniqueIndex('cases_assignee_capacity')
      .on(table.assigneeId, table.assigneeSlot)
      .where(isNotNull(table.assigneeSlot)),
    index('cases_queue')
      .on(
        table.hotlineId,
        table.returnedAt.asc().nullsLast(),
        table.priorityRank,
        table.waitingSince,
        table.id,
      )
      .where(sql`${table.state} = 'waiting'`),
    index('cases_open')
      .on(table.hotlineId, table.state)
      .where(sql`${table.state} in ('waiting', 'in_progress', 'pending')`),
    index('cases_incident').on(table.incidentId).where(isNotNull(table.incidentId)),
    index('cases_assignee').on(table.assigneeId).where(sql`${table.state} in ('in_progress', 'pending')`),
  ],
);

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** What each case is searched by: written once, when it is opened. */
export const caseSearch = pgTable(
  'case_search',
  {
    caseId: bigint('case_id', { mode: 'number' }).primaryKey(),
    terms: tsvector('terms').notNull(),
  },
  (table) => [index('case_search_terms').using('gin', table.terms)],
);

export const caseEventKinds = [
  'opened',
  'claimed',
  'released',
  'transferred_away',
  'transferred',
  'resolved',
  'reopened',
  'closed',
  'priority_changed',
  'note_added',
  'message_sent',
  'message_received',
  'practitioner_confirmed',
  'practitioner_returned',
  'follow_ups_stopped',
  'mail_sent',
  'mail_failed',
  'merged',
  'incident_linked',
  'callback_booked',
  'callback_changed',
  'callback_cancelled',
  'callback_due',
  'callback_reached',
  'callback_missed',
  'callback_moved',
  'callback_withdrawn',
] as const;
export type CaseEventKind = (typeof caseEventKinds)[number];

export const actorKinds = ['practitioner', 'agent', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

/** The history of every case and, once numbered, the log of the live queue. Append-only. */
export const caseEvents = pgTable(
  'case_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    caseId: bigint('case_id', { mode: 'number' })
      .notNull()
      .references(() => cases.id),
    hotlineId: text('hotline_id').notNull(),
    /** Place in the hotline's live log: null until the log numbers it after commit, then without any gap. */
    seq: bigint('seq', { mode: 'number' }),
    kind: text('kind', { enum: caseEventKinds }).notNull(),
    /** The case's version after the change. */
    version: integer('version').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    actor: text('actor', { enum: actorKinds }).notNull(),
    agentId: uuid('agent_id').references(() => agents.id),
    /** Identifiers and codes only; words said are in `case_messages`. */
    data: jsonb('data').$type<Readonly<Record<string, string | number | boolean>>>().notNull().default({}),
  },
  (table) => [
    index('case_events_case').on(table.caseId, table.id),
    uniqueIndex('case_events_log').on(table.hotlineId, table.seq).where(sql`${table.seq} is not null`),
    index('case_events_to_number').on(table.id).where(sql`${table.seq} is null`),
  ],
);

/** Where each hotline's live log stands; its row lock is what makes numbering one at a time. */
export const liveLogHeads = pgTable('live_log_heads', {
  hotlineId: text('hotline_id').primaryKey(),
  lastSeq: bigint('last_seq', { mode: 'number' }).notNull(),
});

/** Words about a case: between practitioner and desk, or between agents only (`internal`). */
export const caseMessages = pgTable(
  'case_messages',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    caseId: bigint('case_id', { mode: 'number' })
      .notNull()
      .references(() => cases.id),
    author: text('author', { enum: actorKinds }).notNull(),
    agentId: uuid('agent_id').references(() => agents.id),
    /** A note between agents: never shown to the practitioner. */
    internal: boolean('internal').notNull(),
    body: text('body').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [index('case_messages_case').on(table.caseId, table.id)],
);
