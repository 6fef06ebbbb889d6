/**
 * Purpose: who read or changed whose record, appended to in the same transaction, chained so that a gap is seen.
 * Entry points: log-access.ts, access-of.ts (from a request), list-accesses.ts, verify-access-log.ts, purge-access-log.ts.
 * May import: server/identity, server/database, server/http (access-of.ts only).
 */
import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytes } from '../../database/bytes.ts';
import { professionals } from '../../identity/identity.table.ts';

/**
 * Who looked at or changed whose record, when, from which page or call: written in the transaction that reads, only
 * ever appended to (a trigger holds the database to it), and chained by digest within each patient's entries so that
 * one removed or altered is seen.
 */
export const accessLog = pgTable(
  'access_log',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    professionalId: uuid('professional_id')
      .notNull()
      .references(() => professionals.id),
    /** On whose behalf, when by delegation. */
    onBehalfOf: uuid('on_behalf_of').references(() => professionals.id),
    /** The structure acted for: site FINESS, else legal FINESS, else SIRET; null when none. */
    structure: text('structure'),
    /** Null only for a search that found nobody. */
    patientId: uuid('patient_id'),
    /** What was done, e.g. `patient.read`, `injection.create`. */
    action: text('action').notNull(),
    /** Route's pattern, e.g. `GET /api/records/patients/:id`: no identifier of the patient's. */
    route: text('route').notNull(),
    requestId: text('request_id').notNull(),
    /** Place in the patient's chain, from 1, without gap. */
    place: integer('place'),
    /** SHA-256 over the previous digest and this entry; null only where there is no patient. */
    digest: bytes('digest'),
  },
  (table) => [
    uniqueIndex('access_log_chain').on(table.patientId, table.place),
    index('access_log_at').on(table.at),
    index('access_log_professional').on(table.professionalId, table.at),
  ],
);

/** The end of each patient's chain: what tells that the last entry was removed. */
export const accessLogEnds = pgTable('access_log_ends', {
  patientId: uuid('patient_id').primaryKey(),
  place: integer('place').notNull(),
  digest: bytes('digest').notNull(),
  /** Entries up to this place were purged when their time had come. */
  purgedTo: integer('purged_to').notNull().default(0),
  /** Digest of the last purged entry, from which the chain goes on. */
  purgedDigest: bytes('purged_digest').notNull().default(sql`'\\x'::bytea`),
});
