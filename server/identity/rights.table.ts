import { boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Right } from './rights.ts';

/** Who may do what, from when to when; a right that no row in force gives is nobody's. */
export const professionalRights = pgTable('professional_rights', {
  id: uuid('id').primaryKey().defaultRandom(),
  right: text('right').$type<Right>().notNull(),
  /** TRE_G15 code; `any` for every known profession, `none` for staff who have none. */
  profession: text('profession').notNull(),
  /** C, M or E; null: whichever, known or not. */
  category: text('category', { enum: ['C', 'M', 'E'] }),
  /** TRE_R23 code; null: whichever, known or not. */
  mode: text('mode', { enum: ['L', 'S', 'B'] }),
  /** Holds only for what somebody delegated. */
  byDelegation: boolean('by_delegation').notNull().default(false),
  /** `notice`, `domain` (a named public source), `default` (chosen here, to be reviewed by the installation), `operator`. */
  origin: text('origin', { enum: ['notice', 'domain', 'default', 'operator'] }).notNull(),
  /** In force from this instant on, up to and not including the other. */
  validFrom: timestamp('valid_from', { withTimezone: true }).notNull(),
  validTo: timestamp('valid_to', { withTimezone: true }),
});
