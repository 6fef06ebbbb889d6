/**
 * Purpose: the patients of the vaccination records: who they are, how they are found, their NIR under lock and key.
 * Entry points: create-patient.ts, find-patients.ts, change-patient.ts, merge-patients.ts; *.routes.ts (pages and API).
 * May import: server/identity, server/directory, server/database, server/http (routes only). Never server/cases.
 */
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  date,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytes } from '../../database/bytes.ts';
import { professionals } from '../../identity/identity.table.ts';

export const sexes = ['female', 'male', 'unknown'] as const;
export type Sex = (typeof sexes)[number];

/** How sure the identity is, in the words of the national identity vigilance reference (INS). */
export const identityStatuses = ['provisional', 'retrieved', 'validated', 'qualified'] as const;
export type IdentityStatus = (typeof identityStatuses)[number];

export const patients = pgTable(
  'patients',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** Grows with every change: the ETag. */
    version: integer('version').notNull().default(1),
    /** Traits as written, upper case or not. */
    birthFamilyName: text('birth_family_name').notNull(),
    /** All first names of birth, space between them. */
    birthGivenNames: text('birth_given_names').notNull(),
    usedFamilyName: text('used_family_name'),
    usedGivenName: text('used_given_name'),
    /** YYYY-MM-DD. */
    birthDate: date('birth_date', { mode: 'string' }).notNull(),
    sex: text('sex', { enum: sexes }).notNull(),
    /** INSEE code of the commune or country of birth, 5 characters. */
    birthPlace: text('birth_place'),
    identityStatus: text('identity_status', { enum: identityStatuses }).notNull().default('provisional'),
    /** Why the record has no NIR; null when it has one. */
    noNirReason: text('no_nir_reason'),
    /** Names without case, accents or punctuation, for searching. */
    familyNameKey: text('family_name_key').notNull(),
    givenNamesKey: text('given_names_key').notNull(),
    usedFamilyNameKey: text('used_family_name_key'),
    /** The record that this one was merged into; its acts are shown there, and stay here. */
    mergedInto: uuid('merged_into').references((): AnyPgColumn => patients.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => professionals.id),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    index('patients_traits').on(table.birthDate, table.familyNameKey),
    index('patients_used_name')
      .on(table.birthDate, table.usedFamilyNameKey)
      .where(sql`${table.usedFamilyNameKey} is not null`),
    index('patients_merged').on(table.mergedInto).where(sql`${table.mergedInto} is not null`),
  ],
);

/** NIR of patients: readable only with the key, found only by a keyed digest. Not unique: children under a parent's. */
export const patientNirs = pgTable(
  'patient_nirs',
  {
    patientId: uuid('patient_id')
      .primaryKey()
      .references(() => patients.id),
    /** AES-256-GCM: 12 bytes of nonce, the cipher text, 16 bytes of tag. */
    sealed: bytes('sealed').notNull(),
    /** Which key sealed it. */
    keyId: text('key_id').notNull(),
    /** HMAC-SHA-256 under the index key. */
    blindIndex: bytes('blind_index').notNull(),
    /** Which key made the index. */
    indexKeyId: text('index_key_id').notNull(),
    /** The NIR of the parent under whom a child is known. */
    ofParent: boolean('of_parent').notNull().default(false),
    /** Begins with 3 to 8: given while waiting for the definitive one. */
    provisional: boolean('provisional').notNull().default(false),
  },
  (table) => [
    index('patient_nirs_blind_index').on(table.blindIndex),
    index('patient_nirs_keys').on(table.keyId, table.indexKeyId),
  ],
);
