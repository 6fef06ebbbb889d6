/**
 * Purpose: consultations and injections: recorded, corrected with their history, set aside, validated.
 * Entry points: record-*.ts, correct-*.ts, set-act-state.ts, draft.ts, find-act.ts; acts.routes.ts gathers the API.
 * May import: the other folders of server/records, server/identity, server/database, server/http (routes and acts-api.ts only).
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
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { professionals } from '../../identity/identity.table.ts';
import { delegations } from '../delegations/delegations.table.ts';
import { patients } from '../patients/patients.table.ts';
import type { Finding } from '../rules/dose-rules.ts';

export const placeKinds = [
  'establishment',
  'vaccination_centre',
  'practice',
  'pharmacy',
  'home',
  'other',
] as const;
export type PlaceKind = (typeof placeKinds)[number];

export const actStates = ['recorded', 'entered_in_error'] as const;
export type ActState = (typeof actStates)[number];

export const decisions = ['fit', 'deferred', 'contraindicated', 'opposed'] as const;
export type Decision = (typeof decisions)[number];

export const consents = ['patient', 'representative', 'none'] as const;
export type Consent = (typeof consents)[number];

/** What is asked before a vaccination; null: not asked. */
export interface Questionnaire {
  readonly pastInfection: boolean | null;
  /** YYYY-MM-DD. */
  readonly pastInfectionDate: string | null;
  readonly allergies: string | null;
  readonly contraindications: string | null;
  readonly pregnancy: boolean | null;
  readonly treatments: string | null;
  readonly fever: boolean | null;
}

/** What every act has: whose it is, where it happened, and its three names (performed, entered, validated). */
const act = {
  id: uuid('id').primaryKey().defaultRandom(),
  /** Grows with every change: the ETag. */
  version: integer('version').notNull().default(1),
  state: text('state', { enum: actStates }).notNull().default('recorded'),
  patientId: uuid('patient_id')
    .notNull()
    .references(() => patients.id),
  occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
  placeKind: text('place_kind', { enum: placeKinds }).notNull(),
  placeFiness: text('place_finess'),
  placeName: text('place_name'),
  performedBy: uuid('performed_by')
    .notNull()
    .references(() => professionals.id),
  enteredBy: uuid('entered_by')
    .notNull()
    .references(() => professionals.id),
  /** Null until the one who performed it, or may answer for it, has validated what a delegate entered. */
  validatedBy: uuid('validated_by').references(() => professionals.id),
  validatedAt: timestamp('validated_at', { withTimezone: true }),
  /** What let the one who entered it do so for the one who performed it. */
  delegationId: uuid('delegation_id').references(() => delegations.id),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
};

/** What nobody delegated and nobody validated: by people in training, at a site where others answer for it. */
function waitsAtItsSite({
  validatedBy,
  state,
  delegationId,
}: Readonly<Record<keyof typeof act, AnyPgColumn>>) {
  return sql`${validatedBy} is null and ${state} = 'recorded' and ${delegationId} is null`;
}

export const consultations = pgTable(
  'consultations',
  {
    ...act,
    questionnaire: jsonb('questionnaire').$type<Questionnaire>().notNull(),
    consent: text('consent', { enum: consents }).notNull(),
    /** Name of who consented for the patient; null when the patient did. */
    representativeName: text('representative'),
    /** As what they did; null too where the name was never told apart from it. */
    representativeCapacity: text('representative_capacity'),
    decision: text('decision', { enum: decisions }).notNull(),
    /** YYYY-MM-DD; set when deferred. */
    deferredUntil: date('deferred_until', { mode: 'string' }),
    comment: text('comment'),
  },
  (table) => [
    index('consultations_patient').on(table.patientId, table.occurredAt),
    index('consultations_unvalidated')
      .on(table.performedBy)
      .where(sql`${table.validatedBy} is null and ${table.state} = 'recorded'`),
    index('consultations_waiting_at').on(table.placeFiness).where(waitsAtItsSite(table)),
  ],
);

export const arms = ['left', 'right'] as const;
export const routes = ['intramuscular', 'subcutaneous', 'intradermal', 'other'] as const;

export const injections = pgTable(
  'injections',
  {
    ...act,
    consultationId: uuid('consultation_id').references(() => consultations.id),
    /** Key of the dated list of vaccines. */
    vaccine: text('vaccine').notNull(),
    lot: text('lot').notNull(),
    /** YYYY-MM-DD. */
    lotExpiry: date('lot_expiry', { mode: 'string' }),
    /** As scanned from the vial or box. */
    gtin: text('gtin'),
    serial: text('serial'),
    /** Other site of the body: null, with `site` saying where. */
    arm: text('arm', { enum: arms }),
    site: text('site'),
    route: text('route', { enum: routes }).notNull(),
    /** Millilitres, as text with a point: `0.3`. */
    doseVolume: text('dose_volume'),
    /** Rank of the dose, and how many are expected; rank above total is legal. */
    doseRank: smallint('dose_rank').notNull(),
    doseTotal: smallint('dose_total').notNull(),
    /** The act's day in Europe/Paris: what the same act entered twice has in common. */
    day: date('day', { mode: 'string' }).notNull(),
    /** What the dose rules said when it was entered, and why it was entered all the same. */
    findings: jsonb('findings').$type<readonly Finding[]>().notNull(),
    overrideReason: text('override_reason'),
    /** The caller's `Idempotency-Key`, with whose it is. */
    idempotencyKey: text('idempotency_key'),
    /** Entered again on purpose though the same patient, vaccine and day stood already. */
    notADuplicate: boolean('not_a_duplicate').notNull().default(false),
  },
  (table) => [
    index('injections_patient').on(table.patientId, table.occurredAt),
    uniqueIndex('injections_same_act')
      .on(table.patientId, table.vaccine, table.day)
      .where(sql`${table.state} = 'recorded' and not ${table.notADuplicate}`),
    uniqueIndex('injections_idempotency').on(table.enteredBy, table.idempotencyKey),
    index('injections_lots').on(table.placeFiness, table.day, table.createdAt),
    index('injections_entered_here').on(table.enteredBy, table.day).where(sql`${table.placeFiness} is null`),
    index('injections_unvalidated')
      .on(table.performedBy)
      .where(sql`${table.validatedBy} is null and ${table.state} = 'recorded'`),
    index('injections_waiting_at').on(table.placeFiness).where(waitsAtItsSite(table)),
  ],
);

export const outcomes = ['recovered', 'recovering', 'not_recovered', 'sequelae', 'fatal', 'unknown'] as const;
export const seriousnessCriteria = [
  'death',
  'life_threatening',
  'hospitalisation',
  'disability',
  'congenital_anomaly',
  'other_medically_important',
] as const;
export const declarationStates = ['draft', 'sent', 'acknowledged'] as const;

export const adverseEvents = pgTable(
  'adverse_events',
  {
    ...act,
    injectionId: uuid('injection_id')
      .notNull()
      .references(() => injections.id),
    /** `occurredAt` is the onset. */
    description: text('description').notNull(),
    /** Coded terms: system and code with the words shown. */
    terms: jsonb('terms')
      .$type<readonly { readonly system: string; readonly code: string; readonly display: string }[]>()
      .notNull(),
    serious: boolean('serious').notNull(),
    /** Empty unless serious. */
    criteria: jsonb('criteria').$type<readonly (typeof seriousnessCriteria)[number][]>().notNull(),
    hospitalisedFrom: date('hospitalised_from', { mode: 'string' }),
    hospitalisedTo: date('hospitalised_to', { mode: 'string' }),
    diedOn: date('died_on', { mode: 'string' }),
    outcome: text('outcome', { enum: outcomes }).notNull(),
    endedOn: date('ended_on', { mode: 'string' }),
    pregnancy: boolean('pregnancy'),
    /** Weeks of amenorrhoea at the onset, when pregnant. */
    pregnancyWeeks: smallint('pregnancy_weeks'),
    /** The lot itself is suspected. */
    lotSuspected: boolean('lot_suspected').notNull().default(false),
    declaration: text('declaration', { enum: declarationStates }).notNull().default('draft'),
    declaredAt: timestamp('declared_at', { withTimezone: true }),
    declaredBy: uuid('declared_by').references(() => professionals.id),
    acknowledgedAt: timestamp('acknowledged_at', { withTimezone: true }),
    /** The centre's own number for it. */
    acknowledgement: text('acknowledgement'),
    acknowledgedBy: uuid('acknowledged_by').references(() => professionals.id),
    /** The caller's `Idempotency-Key`. */
    idempotencyKey: text('idempotency_key'),
  },
  (table) => [
    uniqueIndex('adverse_events_idempotency').on(table.enteredBy, table.idempotencyKey),
    index('adverse_events_patient').on(table.patientId, table.occurredAt),
    index('adverse_events_injection').on(table.injectionId),
    index('adverse_events_unvalidated')
      .on(table.performedBy)
      .where(sql`${table.validatedBy} is null and ${table.state} = 'recorded'`),
    index('adverse_events_waiting_at').on(table.placeFiness).where(waitsAtItsSite(table)),
  ],
);

export const recordKinds = ['patient', 'consultation', 'injection', 'adverse_event'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** What each record was before each change: who changed it, when, why. NIR never appears in it. */
export const recordVersions = pgTable(
  'record_versions',
  {
    kind: text('kind', { enum: recordKinds }).notNull(),
    recordId: uuid('record_id').notNull(),
    /** The version that the change replaced. */
    version: integer('version').notNull(),
    patientId: uuid('patient_id').notNull(),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    changedBy: uuid('changed_by')
      .notNull()
      .references(() => professionals.id),
    /** `correct`, `enter_in_error`, `restore`, `validate`, `merge`, `unmerge`… */
    change: text('change').notNull(),
    reason: text('reason'),
    before: jsonb('before').$type<Readonly<Record<string, unknown>>>().notNull(),
    after: jsonb('after').$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [
    uniqueIndex('record_versions_record').on(table.kind, table.recordId, table.version),
    index('record_versions_patient').on(table.patientId, table.changedAt),
  ],
);
