/**
 * Purpose: who signs, who is believed, what was issued and what was revoked. The health data stay in the records.
 * Entry points: key-store.ts, trusted-signers.ts, issued.ts, revocations.ts.
 * May import: server/database.
 */
import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytes } from '../database/bytes.ts';

export const keyPurposes = ['dcc', 'two_d_doc', 'document'] as const;
/** Others may besides be believed about the time: time-stamping authorities. */
export const trustedPurposes = [...keyPurposes, 'tsa'] as const;

/** The service's own keys, one in use for each purpose; the others still verify what they signed. */
export const certificateKeys = pgTable(
  'certificate_keys',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    purpose: text('purpose', { enum: keyPurposes }).notNull(),
    /** What signed things call it by: see trust-list.ts. */
    reference: text('reference').notNull(),
    /** DER. */
    certificate: bytes('certificate').notNull(),
    /** PKCS#8 under AES-256-GCM (seal.ts); null for a key that is kept elsewhere. */
    sealedKey: bytes('sealed_key'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** Since when it signs no more. */
    retiredAt: timestamp('retired_at', { withTimezone: true }),
  },
  (table) => [
    uniqueIndex('certificate_keys_by_reference').on(table.purpose, table.reference),
    uniqueIndex('certificate_keys_in_use').on(table.purpose).where(sql`retired_at is null`),
  ],
);

/** Signers of others that are believed, as imported. */
export const trustedSigners = pgTable(
  'certificate_trusted_signers',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    purpose: text('purpose', { enum: trustedPurposes }).notNull(),
    reference: text('reference').notNull(),
    /** ISO 3166. */
    country: text('country').notNull(),
    certificate: bytes('certificate').notNull(),
    /** SHA-256 of the certificate. */
    fingerprint: text('fingerprint').notNull(),
    importedAt: timestamp('imported_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    uniqueIndex('certificate_trusted_signers_once').on(table.purpose, table.reference, table.fingerprint),
  ],
);

export const issuedKinds = ['summary', 'attestation'] as const;

/** What was issued, and the signed document itself, so that a reprint is the same to the byte. */
export const issuedCertificates = pgTable(
  'certificates_issued',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    kind: text('kind', { enum: issuedKinds }).notNull(),
    /** Of the year: see issue.ts. */
    number: text('number').notNull(),
    /** What readers of the document type to check it. */
    verificationCode: text('verification_code').notNull(),
    /** Whose it is, as the records call the patient: nothing here joins to it. */
    subject: text('subject').notNull(),
    /** Version of the record that it tells. */
    recordVersion: text('record_version').notNull(),
    /** Canonical; null for a summary. */
    uvci: text('uvci'),
    hc1: text('hc1'),
    twoDDoc: text('two_d_doc'),
    document: bytes('document').notNull(),
    issuedAt: timestamp('issued_at', { withTimezone: true }).notNull(),
    /** The one that it was issued in place of. */
    replaces: uuid('replaces'),
  },
  (table) => [
    uniqueIndex('certificates_issued_by_number').on(table.number),
    uniqueIndex('certificates_issued_by_code').on(table.verificationCode),
    uniqueIndex('certificates_issued_by_uvci').on(table.uvci),
    index('certificates_issued_by_subject').on(table.subject, table.issuedAt),
  ],
);

/** Numbers given to documents, by kind and year. */
export const issuedNumbers = pgTable('certificate_numbers', {
  series: text('series').primaryKey(),
  last: integer('last').notNull(),
});

/**
 * What is no longer believed, by UVCI, by the number of a document or by what a 2D-Doc says: never by its signature, of
 * which there may be two.
 */
export const revocations = pgTable(
  'certificate_revocations',
  {
    /** Canonical UVCI (uvci.ts), a document's number, or a 2D-Doc's reference (two-d-doc-reference.ts). */
    reference: text('reference').primaryKey(),
    revokedAt: timestamp('revoked_at', { withTimezone: true }).notNull(),
    reason: text('reason', { enum: ['corrected', 'entered_in_error', 'issued_in_error'] }).notNull(),
  },
  (table) => [index('certificate_revocations_by_date').on(table.revokedAt)],
);
