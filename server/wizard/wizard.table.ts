import { index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Language } from '../texts.ts';
import type { Answer } from './replay.ts';

/** One walk through a flow. Its id is unguessable and is the only key to it: no account, no cookie. */
export const wizardSessions = pgTable(
  'wizard_sessions',
  {
    id: uuid('id').primaryKey(),
    language: text('language').$type<Language>().notNull(),
    flow: text('flow').notNull(),
    /** The flow's version when the last answer was stored. */
    flowVersion: integer('flow_version').notNull(),
    answers: jsonb('answers').$type<readonly Answer[]>().notNull(),
    /** Grows with every stored change; two tabs answering at once are told apart by it. */
    version: integer('version').notNull().default(1),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('wizard_sessions_updated').on(table.updatedAt)],
);
