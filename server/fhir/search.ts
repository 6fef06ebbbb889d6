import { Problem } from '../problem.ts';
import type { Resource } from './to-fhir.ts';

/** The parameters of a search, each as often as it was given; values joined by commas are alternatives. */
export type SearchParameters = ReadonlyMap<string, readonly string[]>;

const common = ['_id', '_count', '_offset', '_elements', '_lastUpdated', '_format'];

/**
 * Reads a query or a form, names checked: what is not known is refused, for a filter that is overlooked shows too much.
 * @throws Problem 400 `invalid`.
 */
export function readSearch(given: unknown, known: readonly string[]): SearchParameters {
  const read = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(typeof given === 'object' && given !== null ? given : {})) {
    if (!known.includes(name) && !common.includes(name)) throw unreadable(name);
    const values = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
    read.set(name, values);
  }
  return read;
}

/** The only value of a parameter. @throws Problem 400 when it is given more than once. */
export function oneOf(search: SearchParameters, name: string): string | undefined {
  const values = search.get(name) ?? [];
  if (values.length > 1) throw unreadable(name);
  return values[0];
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

/** Whether an instant fits every value of a date parameter: `ge2026-01-01`, `lt2026-02`, `2026-11-23T10:00:00Z`. */
export function fitsDates(search: SearchParameters, name: string, at: Date): boolean {
  return (search.get(name) ?? []).every((value) => {
    const [, prefix = 'eq', day = ''] = /^(eq|ne|gt|lt|ge|le)?(\d.*)$/.exec(value) ?? [];
    const range = rangeOf(day);
    if (range === undefined) throw unreadable(name);
    const time = at.getTime();
    const [from, to] = range;
    switch (prefix) {
      case 'ne':
        return time < from || time >= to;
      case 'gt':
        return time >= to;
      case 'lt':
        return time < from;
      case 'ge':
        return time >= from;
      case 'le':
        return time < to;
      default:
        return time >= from && time < to;
    }
  });
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

/** Whole numbers of `_count` (1 to 200, 50 by default) and `_offset`. @throws Problem 400. */
function pageOf(search: SearchParameters): { readonly count: number; readonly offset: number } {
  const number = (name: string, otherwise: number, most: number) => {
    const value = oneOf(search, name);
    if (value === undefined) return otherwise;
    if (!/^\d{1,6}$/.test(value)) throw unreadable(name);
    return Math.min(Number(value), most);
  };
  return { count: number('_count', 50, 200), offset: number('_offset', 0, 999_999) };
}

/**
 * A page of what was found. Everything of one patient fits in memory; the links carry what was asked and an offset.
 * @param address of the search without its query, absolute.
 */
export function searchset(
  found: readonly Resource[],
  search: SearchParameters,
  {
    base,
    address,
    linked = true,
  }: { readonly base: string; readonly address: string; readonly linked?: boolean },
) {
  const { count, offset } = pageOf(search);
  const page = found.slice(offset, offset + count);
  const linkTo = (at: number) => {
    const query = new URLSearchParams();
    for (const [name, values] of search) {
      if (name !== '_offset') for (const value of values) query.append(name, value);
    }
    if (at > 0) query.set('_offset', String(at));
    return query.size > 0 ? `${address}?${query}` : address;
  };
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    // What was asked by POST is in no address: it may hold identifying traits.
    link: linked
      ? [
          { relation: 'self', url: linkTo(offset) },
          ...(count > 0 && offset + count < found.length
            ? [{ relation: 'next', url: linkTo(offset + count) }]
            : []),
          ...(offset > 0 ? [{ relation: 'previous', url: linkTo(Math.max(0, offset - count)) }] : []),
        ]
      : [{ relation: 'self', url: address }],
    ...(page.length > 0 && {
      entry: page.map((resource) => ({
        fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
        resource: withElements(resource, search),
        search: { mode: 'match' },
      })),
    }),
  };
}

/** What R4 requires of each resource: never left out. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  Immunization: ['status', 'vaccineCode', 'patient', 'occurrenceDateTime'],
  Patient: [],
  AdverseEvent: ['actuality', 'subject'],
};

/** The resource with the elements asked for alone, and the mandatory ones, marked as a part. */
export function withElements(resource: Resource, search: SearchParameters): Resource {
  const asked = (search.get('_elements') ?? [])
    .flatMap((value) => value.split(','))
    .map((name) => name.trim());
  if (asked.length === 0) return resource;
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
