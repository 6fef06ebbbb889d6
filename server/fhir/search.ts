import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { Problem } from '../problem.ts';
import { holdsNir } from '../records/patients/nir.ts';
import type { Resource } from './to-fhir.ts';

/** The parameters of a search, each as often as it was given; values joined by commas are alternatives. */
export type SearchParameters = ReadonlyMap<string, readonly string[]>;

const common = [
  ...['_id', '_count', '_cursor', '_elements', '_lastUpdated', '_format', '_sort', '_summary', '_total'],
  ...['_since'],
];

/** As many as a page holds: those that are asked for by id go on to the link of the next one. */
const mostAlternatives = 200;

/** How a search is read: whether what is not known is passed over, and whether something was. */
export interface Handling {
  /** `Prefer: handling=lenient`. */
  readonly lenient: boolean;
}

/** What the caller prefers: unless told otherwise, what is not known is refused. */
export function handlingOf(headers: Readonly<Record<string, unknown>>): Handling {
  return { lenient: /(^|[,;\s])handling\s*=\s*"?lenient"?/.test(String(headers.prefer ?? '')) };
}

/** Whether who creates or updates prefers to be told what is doubtful: `Prefer: return=OperationOutcome`. */
export function prefersOutcome(headers: Readonly<Record<string, unknown>>): boolean {
  return /(^|[,;\s])return\s*=\s*"?OperationOutcome"?/i.test(String(headers.prefer ?? ''));
}

/**
 * Reads a query or a form, names checked: what is not known is refused, for a filter that is overlooked shows too much;
 * who prefers it otherwise is told that something was passed over (`hasUnknown`). A NIR has no place in any of them but
 * `identifier`.
 * @throws Problem 400 `invalid`.
 */
export function readSearch(
  given: unknown,
  known: readonly string[],
  { lenient }: Handling = { lenient: false },
): SearchParameters {
  const read = new Map<string, readonly string[]>();
  for (const [name, value] of entriesOf(given)) {
    if (isKnown(name, known)) {
      const values = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
      if (name !== 'identifier' && values.some(holdsNir)) throw unreadable(name);
      if (values.join().split(',').length > mostAlternatives) throw unreadable(name);
      read.set(name, values);
    } else if (!lenient) throw unreadable(name);
  }
  return read;
}

/** Whether there is a parameter that `readSearch` passes over when it is lenient. */
export function hasUnknown(given: unknown, known: readonly string[]): boolean {
  return entriesOf(given).some(([name]) => !isKnown(name, known));
}

function isKnown(name: string, known: readonly string[]): boolean {
  return known.includes(name) || common.includes(name);
}

function entriesOf(given: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(typeof given === 'object' && given !== null ? given : {});
}

/** The only value of a parameter. @throws Problem 400 when it is given more than once. */
export function oneOf(search: SearchParameters, name: string): string | undefined {
  const values = search.get(name) ?? [];
  if (values.length > 1) throw unreadable(name);
  return values[0];
}

/** The ids of `_id`, those that can be none left out; undefined when it was not given. */
export function idsOf(search: SearchParameters): readonly string[] | undefined {
  const value = oneOf(search, '_id');
  return value?.split(',').filter(isId);
}

/** The id in `Patient/…`, or a bare one; undefined when not asked for. @throws Problem 400 for what is none. */
export function referenceOf(search: SearchParameters, name: string, type: string): string | undefined {
  const value = oneOf(search, name);
  if (value === undefined) return undefined;
  const id = value.startsWith(`${type}/`) ? value.slice(type.length + 1) : value;
  if (!isId(id)) throw unreadable(name);
  return id;
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** A refusal that names the parameter. */
export function unreadable(name: string): Problem {
  return new Problem(400, 'invalid', { errors: [{ path: `/${name}`, key: 'fhir.faults.parameter' }] });
}

/**
 * Conditions that hold an instant of the database to every value of a date parameter: `ge2026-01-01`, `lt2026-02`,
 * `2026-11-23T10:00:00Z`; values joined by commas are alternatives.
 * @throws Problem 400 for what is no date.
 */
export function dateConditions(search: SearchParameters, name: string, column: SQLWrapper): readonly SQL[] {
  return (search.get(name) ?? []).map(
    (value) => sql`(${sql.join(value.split(',').map(oneDate), sql` or `)})`,
  );

  function oneDate(value: string): SQL {
    const [, prefix = 'eq', day = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb)?(\d.*)$/.exec(value) ?? [];
    const range = rangeOf(day);
    if (range === undefined) throw unreadable(name);
    const [from, to] = range.map((time) => sql`to_timestamp(${time / 1000}::double precision)`);
    switch (prefix) {
      case 'ne':
        return sql`(${column} < ${from} or ${column} >= ${to})`;
      case 'gt':
      case 'sa':
        return sql`${column} >= ${to}`;
      case 'lt':
      case 'eb':
        return sql`${column} < ${from}`;
      case 'ge':
        return sql`${column} >= ${from}`;
      case 'le':
        return sql`${column} < ${to}`;
      default:
        return sql`(${column} >= ${from} and ${column} < ${to})`;
    }
  }
}

/** What a date of any precision covers, half-open, in milliseconds; days are those of UTC, as instants are emitted. */
function rangeOf(value: string): readonly [number, number] | undefined {
  const day = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(value);
  if (day) {
    const [year, month, date] = [Number(day[1]), day[2] && Number(day[2]) - 1, day[3] && Number(day[3])];
    const from = Date.UTC(year, month || 0, date || 1);
    if (!Number.isFinite(from) || !new Date(from).toISOString().startsWith(value)) return undefined;
    return [
      from,
      date ? from + 86_400_000 : day[2] ? Date.UTC(year, Number(month) + 1, 1) : Date.UTC(year + 1, 0, 1),
    ];
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  const from = Date.parse(value);
  return Number.isNaN(from) ? undefined : [from, from + (value.includes('.') ? 1 : 1000)];
}

/** How many a page holds: `_count`, 200 at most, 50 by default. @throws Problem 400. */
export function countOf(search: SearchParameters): number {
  const value = oneOf(search, '_count');
  if (value === undefined) return 50;
  if (!/^\d{1,6}$/.test(value)) throw unreadable('_count');
  return Math.min(Number(value), 200);
}

/** Whether only how many fit is asked for. */
export function onlyCounts(search: SearchParameters): boolean {
  return oneOf(search, '_summary') === 'count' || countOf(search) === 0;
}

/** Whether how many fit is told: always but with `_total=none`. @throws Problem 400. */
export function tellsTotal(search: SearchParameters): boolean {
  const value = oneOf(search, '_total') ?? 'accurate';
  if (!['none', 'estimate', 'accurate'].includes(value)) throw unreadable('_total');
  return value !== 'none' || onlyCounts(search);
}

/** What a search sorts by. */
export interface Sorting {
  readonly by: 'date' | '_lastUpdated';
  readonly descending: boolean;
}

/** One of `date`, `-date`, `_lastUpdated`, `-_lastUpdated`; the latest first by default. @throws Problem 400. */
export function sortingOf(search: SearchParameters): Sorting {
  const [, minus, by] = /^(-?)(date|_lastUpdated)$/.exec(oneOf(search, '_sort') ?? '-date') ?? [];
  if (by !== 'date' && by !== '_lastUpdated') throw unreadable('_sort');
  return { by, descending: minus === '-' };
}

/** What R4 requires of each resource: never left out. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  Immunization: ['status', 'vaccineCode', 'patient', 'occurrenceDateTime'],
  Patient: [],
  AdverseEvent: ['actuality', 'subject'],
};

/** What `_summary=true` keeps beside it, of R4's summary elements that we emit; undefined keeps all. */
const summaries: Readonly<Record<string, readonly string[] | undefined>> = {
  Immunization: ['primarySource', 'isSubpotent'],
  Patient: ['active', 'name', 'gender', 'birthDate', 'link'],
};

/**
 * The resource with the elements asked for alone (`_elements`, `_summary=true` or `text`), and the mandatory ones,
 * marked as a part.
 * @throws Problem 400 for a summary that is none of R4's.
 */
export function withElements(resource: Resource, search: SearchParameters): Resource {
  const summary = oneOf(search, '_summary') ?? 'false';
  if (!['true', 'text', 'data', 'count', 'false'].includes(summary)) throw unreadable('_summary');
  const elements = (search.get('_elements') ?? [])
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  const ofSummary =
    summary === 'true' ? summaries[resource.resourceType] : summary === 'text' ? [] : undefined;
  if (elements.length === 0 && ofSummary === undefined) return resource;
  const asked = [...elements, ...(ofSummary ?? [])];
  const kept = new Set([...asked, ...(mandatory[resource.resourceType] ?? []), 'resourceType', 'id']);
  const { meta } = resource;
  return {
    ...resource,
    ...Object.fromEntries(
      Object.keys(resource).flatMap((name) => (kept.has(name) ? [] : [[name, undefined]])),
    ),
    meta: { ...meta, tag: [{ system: subsetted.system, code: subsetted.code }] },
  };
}

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
