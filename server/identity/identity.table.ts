/**
 * Purpose: the professionals who sign in with a CPS card or an e-CPS, what they act as, and their sessions.
 * Entry points: require-right.ts (who may do what), records-pages.ts (the frame of the pages), require-professional.ts.
 * May import: server/database; routes also server/http, and server/wizard's sessions, where the two halves meet.
 */
import { index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytes } from '../database/bytes.ts';
import type { Exercise } from './professional.ts';

/** Everybody who ever signed in, or was named by one who did: acts point here for ever. */
export const professionals = pgTable('professionals', {
  id: uuid('id').primaryKey().defaultRandom(),
  /** `SubjectNameID` of Pro Santé Connect: an 8 and the RPPS number, or a staff or sandbox identifier. */
  nationalIdentifier: text('national_identifier').notNull().unique(),
  /** 11 digits; null when the identifier is not made of one. */
  rpps: text('rpps'),
  familyName: text('family_name').notNull(),
  givenNames: text('given_names').notNull(),
  /** TRE_G15 code and category (C, M, E) last acted as; null when nobody said. */
  profession: text('profession'),
  category: text('category'),
  knownSince: timestamp('known_since', { withTimezone: true }).notNull(),
  lastSignInAt: timestamp('last_sign_in_at', { withTimezone: true }),
  /** `key` of the exercise last chosen: proposed first the next time. */
  lastExercise: text('last_exercise'),
});

export const professionalSessions = pgTable(
  'professional_sessions',
  {
    /** SHA-256 of the cookie's secret, hexadecimal: a copy of this table opens no session. */
    id: text('id').primaryKey(),
    professionalId: uuid('professional_id')
      .notNull()
      .references(() => professionals.id),
    /** Key of the configured issuer: `psc`, `amelipro`. */
    issuer: text('issuer').notNull(),
    /** What the issuer says that the professional may act as. */
    exercises: jsonb('exercises').$type<readonly Exercise[]>().notNull(),
    /** The one chosen; null until then. */
    actingAs: jsonb('acting_as').$type<Exercise>(),
    /** The issuer's tokens, sealed. */
    tokens: bytes('tokens').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('professional_sessions_professional').on(table.professionalId)],
);

/**
 * What a professional's sessions called a structure that they acted for, from when on: the name that the log of accesses,
 * which keeps the number, is read with. Never changed: a new name is a new row.
 */
export const structuresActedFor = pgTable(
  'structures_acted_for',
  {
    professionalId: uuid('professional_id')
      .notNull()
      .references(() => professionals.id),
    /** As `structureNumber` gives it. */
    number: text('number').notNull(),
    since: timestamp('since', { withTimezone: true }).notNull(),
    name: text('name').notNull(),
  },
  (table) => [primaryKey({ columns: [table.professionalId, table.number, table.since] })],
);

/** A sign-in on its way: made when the browser leaves for the issuer, gone when it comes back, once. */
export const signInAttempts = pgTable(
  'sign_in_attempts',
  {
    /** SHA-256 of `state`, hexadecimal. */
    id: text('id').primaryKey(),
    /** SHA-256 of the secret in the cookie of the browser that began it: in another browser it is nobody's. */
    browser: text('browser').notNull(),
    issuer: text('issuer').notNull(),
    nonce: text('nonce').notNull(),
    /** Of PKCE. */
    verifier: text('verifier').notNull(),
    /** Where on our site to go afterwards. */
    returnTo: text('return_to').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('sign_in_attempts_created').on(table.createdAt)],
);
