import { date, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { type DoseRuleParameters, doseRuleKinds } from './dose-rules/rule.ts';
import { severities } from './dose-rules.ts';
import { vaccineOrigins } from './vaccines.ts';

/**
 * The vaccines that may be recorded, as dated rows: one vaccine has several where a fact about it changed. Periods are
 * half-open, in days of Europe/Paris; a missing bound does not bind.
 */
export const vaccines = pgTable('vaccines', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  /** What an injection names: `comirnaty`. */
  vaccine: text('vaccine').notNull(),
  /** As written on the box. */
  name: text('name').notNull(),
  /** Number of the European marketing authorisation. */
  emaNumber: text('ema_number').notNull(),
  maker: text('maker').notNull(),
  /** EMA's organisation code (ORG-…); null when not known. */
  makerCode: text('maker_code'),
  /** SNOMED CT code of the prophylaxis. */
  prophylaxis: text('prophylaxis').notNull(),
  atc: text('atc').notNull(),
  origin: text('origin', { enum: vaccineOrigins }).notNull(),
  validFrom: date('valid_from', { mode: 'string' }),
  validTo: date('valid_to', { mode: 'string' }),
});

/** Which boxes and vials hold which vaccine: configuration, no fact gives any. */
export const vaccineGtins = pgTable('vaccine_gtins', {
  /** 14 digits. */
  gtin: text('gtin').primaryKey(),
  vaccine: text('vaccine').notNull(),
});

/** What is said of a dose, as dated rows. */
export const doseRules = pgTable(
  'dose_rules',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    /** Names the rule across its periods. */
    rule: text('rule').notNull(),
    kind: text('kind', { enum: doseRuleKinds }).notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    /** What the kind needs: `{ "days": 21 }`. */
    parameters: jsonb('parameters').$type<DoseRuleParameters>().notNull(),
    /** Keys of the vaccines that it speaks of; null: any. */
    vaccines: text('vaccines').array(),
    /** Title of the text that it comes from. */
    source: text('source').notNull(),
    origin: text('origin', { enum: vaccineOrigins }).notNull(),
    validFrom: date('valid_from', { mode: 'string' }).notNull(),
    validTo: date('valid_to', { mode: 'string' }),
  },
  (table) => [index('dose_rules_rule').on(table.rule, table.validFrom)],
);
