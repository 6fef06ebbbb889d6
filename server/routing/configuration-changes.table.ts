import { bigint, integer, jsonb, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { agents } from '../agents/agents.table.ts';
import type { RoutingRule } from './configuration.ts';
import type { HotlineDocument } from './hotline-document.ts';

/** What one edit is about: the rules as a whole, or one line. */
export type ConfigurationSubject = 'routing-rules' | `hotline:${string}`;

/**
 * Who changed hotlines, hours and rules, when, from what to what; rows are only ever added (a trigger sees to it). The
 * newest row of a subject has its version: that is what keeps two supervisors from overwriting each other.
 */
export const configurationChanges = pgTable(
  'configuration_changes',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    subject: text('subject').$type<ConfigurationSubject>().notNull(),
    version: integer('version').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    /** A line's document, or the list of rules; null for a line that was not there. */
    before: jsonb('before').$type<HotlineDocument | readonly RoutingRule[]>(),
    after: jsonb('after').$type<HotlineDocument | readonly RoutingRule[]>().notNull(),
  },
  (table) => [unique().on(table.subject, table.version)],
);
