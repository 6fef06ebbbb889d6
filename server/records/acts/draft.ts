import { and, desc, eq, gte, isNull, or, type SQL } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { findProfessional } from '../../directory/find-professional.ts';
import type { Professional } from '../../identity/professional.ts';
import { parisDay } from '../../paris-day.ts';
import { logAccess } from '../access-log/log-access.ts';
import { listDelegations } from '../delegations/list-delegations.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { findVaccine } from '../rules/vaccines.ts';
import { type Entry, type Person, personOf } from './act-entry.ts';
import { injections, type PlaceKind } from './acts.table.ts';
import { readRepresentative } from './check-consultation.ts';
import { getDoseContext } from './dose-context.ts';
import { proposeTotal } from './dose-total.ts';
import { type ActKind, type Injection, listActs } from './find-act.ts';

/** Where a value that nobody typed comes from. */
export const draftSources = [
  'clock',
  'delegation',
  'directory',
  'dose_rules',
  'earlier_consultation',
  'earlier_doses',
  'last_lot',
  'session',
  'structure',
  'usual',
] as const;
export type DraftSource = (typeof draftSources)[number];

export interface DraftField {
  readonly value: string | number | boolean;
  readonly from: DraftSource;
}

export interface Draft {
  readonly step: ActKind;
  /** By the fields' paths in the body that is to be sent: `place.finess`. Nothing known: absent. */
  readonly fields: Readonly<Record<string, DraftField>>;
  /** For whom one may enter at this moment; oneself first. */
  readonly performers: readonly Person[];
}

export interface DraftOf {
  readonly patientId: string;
  readonly step: ActKind;
  /** Of an injection: the vaccine, once it is chosen. */
  readonly vaccine?: string | undefined;
}

/**
 * What can be filled in before anybody types, each with its source; logged as a read of the record.
 * @throws Problem as `getDoseContext`; 503 `access-not-logged`.
 */
export async function draftAct(
  db: Database,
  entry: Entry,
  { patientId, step, vaccine: chosen }: DraftOf,
  rules: RecordRules,
  now: Date,
): Promise<Draft> {
  return db.transaction(async (tx) => {
    const context = await getDoseContext(tx, patientId);
    const acts = await listActs(tx, patientId);
    const performers = await findPerformers(tx, entry, step, now);
    const fields = new Map<string, DraftField>();
    const set = (path: string, value: string | number | boolean | null | undefined, from: DraftSource) => {
      if (value !== null && value !== undefined && value !== '' && !fields.has(path))
        fields.set(path, { value, from });
    };
    set('occurredAt', now.toISOString(), 'clock');
    const [performer] = performers;
    const own = performer?.id === entry.professional.id;
    set(
      'performedBy',
      performers.length > 1 && !own ? undefined : performer?.nationalIdentifier,
      own ? 'session' : 'delegation',
    );
    const stood = acts.injections.filter(({ state }) => state === 'recorded');
    const lots = await lotsToday(tx, entry.professional, now);
    await setPlace(tx, entry.professional, lots[0], set);
    const { infections } = context.history;
    if (step === 'injection') setDose({ infections, chosen }, stood, lots, rules, parisDay(now), set);
    const last = acts.consultations.find(({ state }) => state === 'recorded');
    if (step === 'injection' && last?.decision === 'fit')
      set('consultationId', last.id, 'earlier_consultation');
    if (step === 'consultation' && last) {
      const { pastInfection, pastInfectionDate, allergies, treatments } = last.questionnaire;
      for (const [name, value] of Object.entries({
        pastInfection,
        pastInfectionDate,
        allergies,
        treatments,
      })) {
        set(`questionnaire.${name}`, value, 'earlier_consultation');
      }
      const representative = readRepresentative(last);
      if (representative) {
        set('consent', 'representative', 'earlier_consultation');
        set('representative.name', representative.name, 'earlier_consultation');
        set('representative.capacity', representative.capacity, 'earlier_consultation');
      }
    }
    await logAccess(tx, { ...entry, patientId, action: `${step}.draft` }, now);
    return { step, fields: Object.fromEntries(fields), performers };
  });
}

type Today = typeof injections.$inferSelect;
type Set = (path: string, value: string | number | boolean | null | undefined, from: DraftSource) => void;

/**
 * Oneself, where one may, and whoever lets, or let, one enter for them: the date of the act decides, so delegations of
 * the past still serve for acts of then. Those of today come first.
 */
export async function findPerformers(
  db: Database,
  entry: Entry,
  step: ActKind,
  now: Date,
): Promise<readonly Person[]> {
  const right = entry.may(`${step}.record`);
  const self = 'allowed' in right && !right.byDelegation ? [personOf(entry.professional)] : [];
  const { received } = await listDelegations(db, entry.professional, now);
  const begun = received.filter(({ state }) => state !== 'planned');
  const others = [
    ...begun.filter(({ state }) => state === 'current'),
    ...begun.filter(({ state }) => state !== 'current'),
  ].map(({ delegator }) => delegator);
  return [...self, ...new Map(others.map((each) => [each.id, each])).values()];
}

/** Where: what was said of the place today, else the structure acted for, else the only one the directory knows. */
async function setPlace(db: Database, professional: Professional, today: Today | undefined, set: Set) {
  const { structure, sector } = professional.actingAs ?? { structure: null, sector: null };
  // No code tells a vaccination centre: who works in one today said so with the first entry.
  if (today && today.placeFiness === (structure?.siteFiness ?? today.placeFiness)) {
    set('place.kind', today.placeKind, 'last_lot');
    set('place.finess', today.placeFiness, 'last_lot');
    set('place.name', today.placeName, 'last_lot');
  }
  set('place.kind', kindOfSector.get(sector ?? ''), 'structure');
  set('place.finess', structure?.siteFiness, 'structure');
  set('place.name', structure?.name, 'structure');
  if (structure?.siteFiness || professional.rpps === null) return;
  const known = await findProfessional(db, { kind: 'rpps', number: professional.rpps });
  const sites = new Set(
    known?.activities.map(({ siteFiness }) => siteFiness).filter((each) => each !== null),
  );
  if (sites.size === 1) set('place.finess', [...sites][0], 'directory');
}

/** TRE_R02: what each sector says of the kind of place. */
const kindOfSector: ReadonlyMap<string, PlaceKind> = new Map([
  ['SA01', 'establishment'],
  ['SA16', 'establishment'],
  ['SA17', 'establishment'],
  ['SA33', 'pharmacy'],
  ['SA05', 'practice'],
  ['SA07', 'practice'],
  ['SA08', 'practice'],
  ['SA09', 'practice'],
  ['SA52', 'practice'],
]);

/** @param chosen the vaccine that was chosen already. */
function setDose(
  { infections, chosen }: { readonly infections: readonly string[]; readonly chosen: string | undefined },
  stood: readonly Injection[],
  lots: readonly Today[],
  rules: RecordRules,
  day: string,
  set: Set,
) {
  const [last] = stood;
  const usable = last && findVaccine(rules, last.vaccine, day) ? last.vaccine : undefined;
  const wanted = chosen ?? usable;
  const lot = lots.find(({ vaccine }) => wanted === undefined || vaccine === wanted);
  if (chosen === undefined) {
    set('vaccine', usable, 'earlier_doses');
    set('vaccine', lot?.vaccine, 'last_lot');
  }
  for (const name of ['lot', 'lotExpiry', 'gtin', 'doseVolume', 'route'] as const) {
    set(name, lot?.[name], 'last_lot');
  }
  set('route', 'intramuscular', 'usual');
  set('doseVolume', last?.vaccine === wanted ? last?.doseVolume : undefined, 'earlier_doses');
  set('arm', last?.arm, 'earlier_doses');
  const rank = stood.length + 1;
  set('doseRank', rank, 'earlier_doses');
  const course = { lastTotal: last?.doseTotal, infections, rank };
  const total = proposeTotal(course, wanted ?? lot?.vaccine, rules, day);
  if (total) set('doseTotal', total.value, total.from);
}

/** Doses of today at this site, or without a site's number this professional's own, the latest first; no expired lot. */
async function lotsToday(db: Database, professional: Professional, now: Date): Promise<readonly Today[]> {
  const day = parisDay(now);
  const site = professional.actingAs?.structure?.siteFiness ?? null;
  const here: SQL | undefined =
    site === null
      ? and(isNull(injections.placeFiness), eq(injections.enteredBy, professional.id))
      : eq(injections.placeFiness, site);
  const rows = await db
    .selectDistinctOn([injections.vaccine])
    .from(injections)
    .where(
      and(
        here,
        eq(injections.day, day),
        eq(injections.state, 'recorded'),
        or(isNull(injections.lotExpiry), gte(injections.lotExpiry, day)),
      ),
    )
    // What a file brings has one instant of entry: the dose given last, then.
    .orderBy(
      injections.vaccine,
      desc(injections.createdAt),
      desc(injections.occurredAt),
      desc(injections.id),
    );
  return rows.sort(
    (a, b) =>
      b.createdAt.getTime() - a.createdAt.getTime() || b.occurredAt.getTime() - a.occurredAt.getTime(),
  );
}
