/**
 * Purpose: from a patient's record to signed documents: issued, printed, renewed when the record changes.
 * Entry points: issue-document.ts, find-documents.ts, renew-documents.ts, batch commands; *.routes.ts.
 * May import: the rest of server/records, server/certificates, server/database.
 */
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { issuedCertificates, issuedKinds } from '../../certificates/certificates.table.ts';
import { bytes } from '../../database/bytes.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { Exercise } from '../../identity/professional.ts';
import { patients } from '../patients/patients.table.ts';

export const withdrawalReasons = ['corrected', 'entered_in_error', 'issued_in_error'] as const;

/** What was issued to a patient; the signed document itself is `certificates_issued`. */
export const patientDocuments = pgTable(
  'patient_documents',
  {
    id: uuid('id')
      .primaryKey()
      .references(() => issuedCertificates.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: issuedKinds }).notNull(),
    /** The record it was asked of, which may have been merged into another since. */
    patientId: uuid('patient_id')
      .notNull()
      .references(() => patients.id, { onDelete: 'cascade' }),
    /** French with English beside it. */
    bilingual: boolean('bilingual').notNull(),
    /** Who answers for it: named on it. */
    signedBy: uuid('signed_by')
      .notNull()
      .references(() => professionals.id),
    /** Who had it made: a delegate, or the same. */
    requestedBy: uuid('requested_by')
      .notNull()
      .references(() => professionals.id),
    /** The injection that an attestation was asked for; null of a summary. */
    injectionId: uuid('injection_id'),
    /** SHA-256 of what it says of the record: whether a change to the record concerns it. */
    digest: bytes('digest').notNull(),
    issuedAt: timestamp('issued_at', { withTimezone: true }).notNull(),
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true }),
    withdrawnReason: text('withdrawn_reason', { enum: withdrawalReasons }),
    /** What was issued in its place; null when nothing could be. */
    replacedBy: uuid('replaced_by').references((): AnyPgColumn => patientDocuments.id, {
      onDelete: 'set null',
    }),
  },
  (table) => [index('patient_documents_patient').on(table.patientId, table.issuedAt)],
);

export const batchStates = ['waiting', 'running', 'merging', 'done'] as const;

/** The summaries of everybody vaccinated in an establishment from one day to another, made at one go. */
export const summaryBatches = pgTable(
  'summary_batches',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    state: text('state', { enum: batchStates }).notNull(),
    requestedBy: uuid('requested_by')
      .notNull()
      .references(() => professionals.id),
    /** As what they asked for it: the documents are issued as that, also when they have signed out since. */
    actingAs: jsonb('acting_as').$type<Exercise>(),
    /** FINESS number of the site where the injections were done. */
    structure: text('structure').notNull(),
    /** Days of Europe/Paris, both included. */
    firstDay: date('first_day', { mode: 'string' }).notNull(),
    lastDay: date('last_day', { mode: 'string' }).notNull(),
    bilingual: boolean('bilingual').notNull(),
    requestId: text('request_id').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** All of them in one file, to be printed. */
    document: bytes('document'),
    pages: integer('pages'),
  },
  (table) => [index('summary_batches_by').on(table.requestedBy, table.createdAt)],
);

export const batchItemStates = ['waiting', 'issued', 'refused'] as const;

export const summaryBatchItems = pgTable(
  'summary_batch_items',
  {
    batchId: uuid('batch_id')
      .notNull()
      .references(() => summaryBatches.id, { onDelete: 'cascade' }),
    /** In the file, from 1: by name. */
    place: integer('place').notNull(),
    patientId: uuid('patient_id')
      .notNull()
      .references(() => patients.id, { onDelete: 'cascade' }),
    state: text('state', { enum: batchItemStates }).notNull(),
    documentId: uuid('document_id').references(() => patientDocuments.id, { onDelete: 'set null' }),
    /** Code of the problem that refused it. */
    refusal: text('refusal'),
  },
  (table) => [
    primaryKey({ columns: [table.batchId, table.place] }),
    index('summary_batch_items_waiting')
      .on(table.batchId, table.place)
      .where(sql`${table.state} = 'waiting'`),
  ],
);
