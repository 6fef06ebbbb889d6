/**
 * Purpose: hotlines, when they answer, and the rules that choose between them, as dated rows.
 * Entry points: load-configuration.ts reads them all; opening-hours.ts and route-case.ts work on what it returns;
 *   add-hotline.ts, save-hotline.ts and save-routing-rules.ts are how they change.
 * May import: the pure types of this folder.
 *
 * Every period is half-open, in dates of the hotline's own zone; null does not bind. The constraints that keep
 * periods and intervals apart are in migrations/0001_hotlines.sql.
 */
import { date, integer, pgTable, smallint, text, time, unique } from 'drizzle-orm/pg-core';
import { holidayCalendars } from './holidays.ts';
import { modes, settings } from './practitioner-types.ts';

export const hotlines = pgTable('hotlines', {
  id: text('id').primaryKey(),
  /** Order in which lines are shown. */
  position: smallint('position').notNull().unique(),
  nameFr: text('name_fr').notNull(),
  nameEn: text('name_en').notNull(),
  /** As people read it and dial it from France. */
  phone: text('phone').notNull(),
  /** Only where the number answers from abroad: neither a short code nor a free number does. */
  phoneE164: text('phone_e164'),
  costFr: text('cost_fr').notNull(),
  costEn: text('cost_en').notNull(),
  zone: text('zone').notNull().default('Europe/Paris'),
  holidayCalendar: text('holiday_calendar', { enum: holidayCalendars }).notNull().default('metropole'),
  validFrom: date('valid_from'),
  validTo: date('valid_to'),
});

/** The week that holds over a period; a date that none covers has unknown hours. */
export const hotlineTimetables = pgTable('hotline_timetables', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  hotlineId: text('hotline_id')
    .notNull()
    .references(() => hotlines.id, { onDelete: 'cascade' }),
  holidays: text('holidays', { enum: ['open', 'closed'] }).notNull(),
  validFrom: date('valid_from'),
  validTo: date('valid_to'),
});

/** Wall-clock times, `closesAt` up to 24:00; past midnight takes two rows. */
export const timetableIntervals = pgTable('timetable_intervals', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  timetableId: integer('timetable_id')
    .notNull()
    .references(() => hotlineTimetables.id, { onDelete: 'cascade' }),
  /** ISO: 1 is Monday. */
  weekday: smallint('weekday').notNull(),
  opensAt: time('opens_at').notNull(),
  closesAt: time('closes_at').notNull(),
});

/** A day unlike the others; without intervals the line is closed all day. */
export const hotlineExceptions = pgTable(
  'hotline_exceptions',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    hotlineId: text('hotline_id')
      .notNull()
      .references(() => hotlines.id, { onDelete: 'cascade' }),
    day: date('day').notNull(),
    noteFr: text('note_fr').notNull(),
    noteEn: text('note_en').notNull(),
  },
  (table) => [unique().on(table.hotlineId, table.day)],
);

export const exceptionIntervals = pgTable('exception_intervals', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  exceptionId: integer('exception_id')
    .notNull()
    .references(() => hotlineExceptions.id, { onDelete: 'cascade' }),
  opensAt: time('opens_at').notNull(),
  closesAt: time('closes_at').notNull(),
});

/** The first rule in force whose criteria all hold decides; one without criteria is the default. */
export const routingRules = pgTable('routing_rules', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  position: smallint('position').notNull(),
  setting: text('setting', { enum: settings }),
  mode: text('mode', { enum: modes }),
  profession: text('profession'),
  hotlineId: text('hotline_id')
    .notNull()
    .references(() => hotlines.id),
  /** Whether the notice says so, or we do. */
  origin: text('origin', { enum: ['notice', 'default'] }).notNull(),
  validFrom: date('valid_from'),
  validTo: date('valid_to'),
});
