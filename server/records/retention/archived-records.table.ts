/**
 * Purpose: records leave for the dedicated base when their time has come, and are erased there later.
 * Entry points: archive-records.ts.
 * May import: server/records/patients and access-log, server/database.
 */
import { date, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytes } from '../../database/bytes.ts';

/**
 * The dedicated base: whole records whose time among the others is over, sealed, kept only for new risks. Its rows
 * point nowhere, so that it can be moved to a database of its own.
 */
export const archivedRecords = pgTable(
  'archived_records',
  {
    patientId: uuid('patient_id').primaryKey(),
    /** YYYY-MM-DD, as is `keptUntil`. */
    lastActOn: date('last_act_on', { mode: 'string' }).notNull(),
    archivedAt: timestamp('archived_at', { withTimezone: true }).notNull(),
    keptUntil: date('kept_until', { mode: 'string' }).notNull(),
    /** Which of the records' keys sealed it. */
    keyId: text('key_id').notNull(),
    /** JSON of every row, AES-256-GCM: 12 bytes of nonce, the cipher text, 16 bytes of tag. */
    sealed: bytes('sealed').notNull(),
  },
  (table) => [index('archived_records_key').on(table.keyId)],
);
