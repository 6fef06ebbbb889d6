/**
 * Purpose: what was typed in a form whose sender's session had ended, until they have signed in again.
 * Entry points: kept-forms.routes.ts (`registerKeptForms`, and the page that gives it back), erase-kept-forms.ts.
 * May import: server/records/patients' vault, server/identity, server/database, server/http (routes only).
 */
import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytes } from '../../database/bytes.ts';
import { professionals } from '../../identity/identity.table.ts';

/** A sealed form: it may hold a NIR and health data, and nobody but its sender is given it back. */
export const keptForms = pgTable(
  'kept_forms',
  {
    id: uuid('id').primaryKey(),
    professionalId: uuid('professional_id')
      .notNull()
      .references(() => professionals.id, { onDelete: 'cascade' }),
    keptAt: timestamp('kept_at', { withTimezone: true }).notNull(),
    keyId: text('key_id').notNull(),
    /** AES-256-GCM: 12 bytes of nonce, the cipher text, 16 bytes of tag. */
    sealed: bytes('sealed').notNull(),
  },
  (table) => [
    index('kept_forms_professional').on(table.professionalId, table.keptAt),
    index('kept_forms_kept').on(table.keptAt),
  ],
);
