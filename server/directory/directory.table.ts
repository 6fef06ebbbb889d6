/**
 * Purpose: the open directory of health professionals (Annuaire Santé), looked up to route a case and pre-fill it.
 * Entry points: find-professional.ts, search-professionals.ts, describe-professional.ts, import-directory.ts.
 * May import: server/database, server/routing's types of practitioners, nothing of the other domains.
 *
 * An import is the one partition of `directory_activities` (migrations/0003_directory.sql). Contact details are not kept.
 */
import { bigint, boolean, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { Doubt } from './doubts.ts';
import type { RejectedByReason, Rejection } from './parse-extract.ts';

/** One row per activity, as the open data gives it; a professional without any has one row without mode or place. */
export const directoryActivities = pgTable(
  'directory_activities',
  {
    /** See identifier.ts. */
    identifier: bigint('identifier', { mode: 'number' }).notNull(),
    /** Département and first letters of the names, see search-key.ts. */
    searchKey: bigint('search_key', { mode: 'number' }).notNull(),
    familyName: text('family_name'),
    givenName: text('given_name'),
    /** Code of TRE_G15; professions in training reuse those of the profession. */
    profession: text('profession'),
    /** Civil (C), military (M), in training (E). */
    category: text('category'),
    /** Code of TRE_R23: L, S, B. */
    mode: text('mode'),
    siteFiness: text('site_finess'),
    legalFiness: text('legal_finess'),
    /** INSEE code. */
    commune: text('commune'),
    /** Who registered them, as `CNOM`. */
    authority: text('authority'),
    /** Code of TRE_R02. */
    sector: text('sector'),
    role: text('role'),
    kind: text('kind'),
  },
  (table) => [
    index('directory_activities_by_identifier').on(table.identifier),
    index('directory_activities_by_name').on(table.searchKey),
  ],
);

/** FINESS numbers of the sites and legal entities that the directory in use names. */
export const directoryStructures = pgTable('directory_structures', { finess: text('finess').primaryKey() });

/** `interrupted`: the process ended in the middle; nothing of it was kept. */
export const importStates = ['running', 'imported', 'refused', 'failed', 'interrupted'] as const;

/** Every import that was begun, in order; the last one `imported` is the directory in use. */
export const directoryImports = pgTable(
  'directory_imports',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    state: text('state', { enum: importStates }).notNull(),
    fileName: text('file_name').notNull(),
    /** Of the file as it was given, compressed or not. */
    fileSize: bigint('file_size', { mode: 'number' }).notNull(),
    fileSha256: text('file_sha256'),
    /** Whether doubts were to be overridden. */
    forced: boolean('forced').notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** Taken, without those rejected. */
    rows: integer('rows'),
    /** Distinct identifiers. */
    professionals: integer('professionals'),
    rejected: integer('rejected'),
    rejectedByReason: jsonb('rejected_by_reason').$type<RejectedByReason>(),
    firstRejected: jsonb('first_rejected').$type<readonly Rejection[]>(),
    /** What made the file look wrong, whether it was refused for it or taken by force. */
    doubts: jsonb('doubts').$type<readonly Doubt[]>(),
    /** In what words it failed, for whoever runs the service. */
    failure: text('failure'),
  },
  (table) => [index('directory_imports_by_state').on(table.state, table.id)],
);

export type DirectoryImport = typeof directoryImports.$inferSelect;
