/**
 * Purpose: files of centres that worked offline, received in a stream and recorded in batches by the workers.
 * Entry points: receive-import.ts, run-import.ts, sweep-imports.ts, purge-imports.ts, imports.routes.ts (API), import-pages.routes.ts.
 * May import: the other folders of server/records, server/identity, server/database, server/http (routes only).
 */
import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytes } from '../../database/bytes.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { Exercise } from '../../identity/professional.ts';
import { injections } from '../acts/acts.table.ts';
import type { Finding } from '../rules/dose-rules.ts';

export const recordImportStates = ['receiving', 'waiting', 'running', 'done', 'refused'] as const;
export const importRowStates = ['waiting', 'recorded', 'known', 'refused'] as const;

/** A file of injections from a centre that worked offline. */
export const recordImports = pgTable(
  'record_imports',
  {
    id: uuid('id').primaryKey(),
    /** The structure whose file it is, or the professional alone (acting-for.ts). */
    actingFor: text('acting_for').notNull(),
    /** FINESS number or other name of the centre whose row identifiers these are. */
    centre: text('centre').notNull(),
    state: text('state', { enum: recordImportStates }).notNull(),
    /** Why the whole file was refused: end of a text's key. */
    refusal: text('refusal'),
    importedBy: uuid('imported_by')
      .notNull()
      .references(() => professionals.id),
    /** As what they sent it: the rows are recorded as that, also when they have signed out since. */
    actingAs: jsonb('acting_as').$type<Exercise>(),
    requestId: text('request_id').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** Rows of the file. */
    total: integer('total').notNull().default(0),
  },
  (table) => [index('record_imports_by').on(table.importedBy, table.createdAt)],
);

/**
 * What is wrong with a row, or of one that is recorded what is doubtful: `field` is its column in the file, `key` of a
 * text; with the finding of a dose rule that asks for a reason. Nothing of what was sent is in it.
 */
export interface RowError {
  readonly field: string;
  readonly key: string;
  readonly finding?: Pick<Finding, 'kind' | 'parameters'>;
}

export const recordImportRows = pgTable(
  'record_import_rows',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => recordImports.id, { onDelete: 'cascade' }),
    /** Line of the file on which the row begins, from 1. */
    line: integer('line').notNull(),
    actingFor: text('acting_for').notNull(),
    centre: text('centre').notNull(),
    /** The file's own identifier of the row; null when it has none, which is refused. */
    rowId: text('row_id'),
    /**
     * The row as it was sent, sealed with the vault: it holds a NIR. Emptied once the row is recorded; of one refused,
     * when its time has come.
     */
    sealed: bytes('sealed'),
    keyId: text('key_id'),
    state: text('state', { enum: importRowStates }).notNull(),
    injectionId: uuid('injection_id').references(() => injections.id),
    errors: jsonb('errors').$type<readonly RowError[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.importId, table.line] }),
    uniqueIndex('record_import_rows_once')
      .on(table.actingFor, table.centre, table.rowId)
      .where(sql`${table.state} = 'recorded'`),
    index('record_import_rows_sealed').on(table.keyId).where(sql`${table.sealed} is not null`),
    index('record_import_rows_injection').on(table.injectionId).where(sql`${table.injectionId} is not null`),
    index('record_import_rows_waiting').on(table.importId, table.line).where(sql`${table.state} = 'waiting'`),
  ],
);
