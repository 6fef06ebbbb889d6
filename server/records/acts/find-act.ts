import { and, desc, eq, ne, type SQL, sql } from 'drizzle-orm';
import { alias, type PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import { personsOf, wholePersonOf } from '../patients/persons.ts';
import type { Entry, Person } from './act-entry.ts';
import { consultations, injections } from './acts.table.ts';
import { awaits } from './awaits.ts';
import { shownOnce } from './shown-once.ts';

export const actKinds = ['consultation', 'injection'] as const;
export type ActKind = (typeof actKinds)[number];

/** The three names of an act. */
export interface ThreeNames {
  readonly performedBy: Person;
  readonly enteredBy: Person;
  /** Null while it waits for the performer's validation. */
  readonly validatedBy: Person | null;
}

type Stored<Table extends PgTable> = Omit<
  Table['$inferSelect'],
  'performedBy' | 'enteredBy' | 'validatedBy' | 'idempotencyKey'
>;
export type Consultation = Stored<typeof consultations> & ThreeNames & { readonly kind: 'consultation' };
export type Injection = Stored<typeof injections> & ThreeNames & { readonly kind: 'injection' };
export type Act = Consultation | Injection;

const performer = alias(professionals, 'performer');
const enterer = alias(professionals, 'enterer');
const validator = alias(professionals, 'validator');

const threeNames = {
  performedBy: {
    id: performer.id,
    nationalIdentifier: performer.nationalIdentifier,
    familyName: performer.familyName,
    givenNames: performer.givenNames,
  },
  enteredBy: {
    id: enterer.id,
    nationalIdentifier: enterer.nationalIdentifier,
    familyName: enterer.familyName,
    givenNames: enterer.givenNames,
  },
  validatedBy: {
    id: validator.id,
    nationalIdentifier: validator.nationalIdentifier,
    familyName: validator.familyName,
    givenNames: validator.givenNames,
  },
};

/** Longer than any record that people made. */
const most = 500;

/** How a list is sorted and where it ends, when it is not the latest first. */
export interface Page {
  readonly orderBy: readonly SQL[];
  readonly limit: number;
}

const latestFirst: Page = { orderBy: [desc(injections.occurredAt), desc(injections.id)], limit: most };

/** Injections that fit, with their three names, the latest first unless told otherwise. */
export async function selectInjections(
  db: Database,
  where: SQL | undefined,
  { orderBy, limit }: Page = latestFirst,
): Promise<readonly Injection[]> {
  const rows = await db
    .select({ act: injections, ...threeNames })
    .from(injections)
    .innerJoin(performer, eq(performer.id, injections.performedBy))
    .innerJoin(enterer, eq(enterer.id, injections.enteredBy))
    .leftJoin(validator, eq(validator.id, injections.validatedBy))
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return rows.map(({ act, ...three }) => {
    const { idempotencyKey: _, ...facts } = act;
    return { kind: 'injection', ...facts, ...three };
  });
}

/** The same for consultations. */
export async function selectConsultations(
  db: Database,
  where: SQL | undefined,
): Promise<readonly Consultation[]> {
  const rows = await db
    .select({ act: consultations, ...threeNames })
    .from(consultations)
    .innerJoin(performer, eq(performer.id, consultations.performedBy))
    .innerJoin(enterer, eq(enterer.id, consultations.enteredBy))
    .leftJoin(validator, eq(validator.id, consultations.validatedBy))
    .where(where)
    .orderBy(desc(consultations.occurredAt), desc(consultations.id))
    .limit(most);
  return rows.map(({ act, ...three }) => ({ kind: 'consultation', ...act, ...three }));
}

/** The acts of a person. */
export interface Acts {
  readonly consultations: readonly Consultation[];
  /** Each dose once, though it was entered in several records that were merged. */
  readonly injections: readonly Injection[];
  /** Those that are not among them, by the id of the injection that stands for them. */
  readonly doubles: ReadonlyMap<string, readonly Injection[]>;
}

/** Every act of a patient, merged records and what was entered in error included. Whoever shows them logs it. */
export async function listActs(db: Database, patientId: string): Promise<Acts> {
  const persons = personsOf(patientId);
  const entered = await selectInjections(db, sql`${injections.patientId} in ${persons}`);
  const { once, doubles } = shownOnce(patientId, entered);
  return {
    consultations: await selectConsultations(db, sql`${consultations.patientId} in ${persons}`),
    injections: once,
    doubles,
  };
}

/** One act of a patient, or of a record merged into theirs. @throws Problem 404 `no-such-act`. */
export async function getAct(db: Database, kind: ActKind, patientId: string, id: string): Promise<Act> {
  const persons = personsOf(patientId);
  const [found] =
    kind === 'injection'
      ? await selectInjections(db, sql`${injections.id} = ${id} and ${injections.patientId} in ${persons}`)
      : await selectConsultations(
          db,
          sql`${consultations.id} = ${id} and ${consultations.patientId} in ${persons}`,
        );
  if (!found) throw new Problem(404, 'no-such-act');
  return found;
}

/**
 * The other entries of an injection's dose, in records merged with its own: whichever of them stands for all, each is
 * told of the others.
 */
export async function listSameDose(
  db: Database,
  { id, patientId, vaccine, day, state, notADuplicate }: Injection,
): Promise<readonly Injection[]> {
  if (state !== 'recorded' || notADuplicate) return [];
  return selectInjections(
    db,
    and(
      sql`${injections.patientId} in ${wholePersonOf(patientId)}`,
      eq(injections.vaccine, vaccine),
      eq(injections.day, day),
      eq(injections.state, 'recorded'),
      eq(injections.notADuplicate, false),
      ne(injections.id, id),
    ),
  );
}

/** The acts that wait for one's validation, in any order. Whoever shows them logs it. */
export async function listUnvalidated(db: Database, entry: Entry): Promise<readonly Act[]> {
  return [
    ...(await selectInjections(db, awaits(injections, entry))),
    ...(await selectConsultations(db, awaits(consultations, entry))),
  ];
}
