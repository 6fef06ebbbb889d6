/**
 * Purpose: the helpdesk's people: accounts, the hotlines they may answer, their presence, their signed-in sessions.
 * Entry points: sign-in.ts, agent-sessions.ts, presence.ts, require-agent.ts, agents.routes.ts.
 * May import: server/routing's table of hotlines, server/database, server/http (routes and require-agent.ts only).
 */
import { boolean, index, pgTable, primaryKey, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const presences = ['available', 'away', 'wrap_up'] as const;
export type Presence = (typeof presences)[number];

export const agentRoles = ['agent', 'supervisor'] as const;
export type AgentRole = (typeof agentRoles)[number];

export const agents = pgTable('agents', {
  id: uuid('id').primaryKey(),
  /** Lower case; unique. */
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
  /** `$argon2id$…`, see passwords.ts. */
  passwordHash: text('password_hash').notNull(),
  role: text('role', { enum: agentRoles }).notNull().default('agent'),
  presence: text('presence', { enum: presences }).notNull().default('away'),
  presenceSince: timestamp('presence_since', { withTimezone: true }).notNull(),
  /** How many cases the agent may have in progress at once. */
  capacity: smallint('capacity').notNull().default(5),
  active: boolean('active').notNull().default(true),
});

export const agentHotlines = pgTable(
  'agent_hotlines',
  {
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    hotlineId: text('hotline_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.hotlineId] })],
);

export const agentSessions = pgTable(
  'agent_sessions',
  {
    /** SHA-256 of the cookie's secret, hexadecimal: a copy of this table opens no session. */
    id: text('id').primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('agent_sessions_agent').on(table.agentId)],
);
