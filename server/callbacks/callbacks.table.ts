/**
 * Purpose: callbacks: a practitioner books when they are called, and what became of it.
 * Entry points: slots.ts (pure), offer-callbacks.ts, one command per file (book-callback.ts, cancel-callback.ts, …).
 * May import: server/cases, server/follow-ups, server/routing, server/database, server/http (routes only).
 */
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  index,
  pgTable,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { cases } from '../cases/cases.table.ts';

/**
 * `booked` is the only one that is still to come. `changed` and `cancelled`: by the practitioner; `reached` and `missed`:
 * as the agent who called says; `moved` and `withdrawn`: the line does not answer then any more; `settled`: the case is
 * finished.
 */
export const callbackStates = [
  'booked',
  'changed',
  'cancelled',
  'reached',
  'missed',
  'moved',
  'withdrawn',
  'settled',
] as const;
export type CallbackState = (typeof callbackStates)[number];

export const callbacks = pgTable(
  'callbacks',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    caseId: bigint('case_id', { mode: 'number' })
      .notNull()
      .references(() => cases.id),
    /** Whose agents call: the line of the case when it was booked. */
    hotlineId: text('hotline_id').notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    /** Which of the slot's places it takes, while booked: capacity is a unique index. */
    place: smallint('place').notNull(),
    /** IANA zone in which the practitioner reads times. */
    zone: text('zone').notNull(),
    state: text('state', { enum: callbackStates }).notNull().default('booked'),
    /** The callback in whose stead this one was booked. */
    replaces: bigint('replaces', { mode: 'number' }).references((): AnyPgColumn => callbacks.id),
    /** The case's priority before it was raised because the callback was due: given back with its end. */
    raisedFrom: smallint('raised_from'),
    bookedAt: timestamp('booked_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [
    uniqueIndex('callbacks_places')
      .on(table.hotlineId, table.startsAt, table.place)
      .where(sql`${table.state} = 'booked'`),
    uniqueIndex('callbacks_one_live').on(table.caseId).where(sql`${table.state} = 'booked'`),
    index('callbacks_day').on(table.hotlineId, table.startsAt),
    index('callbacks_case').on(table.caseId, table.id),
  ],
);
