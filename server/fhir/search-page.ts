import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Language, Texts } from '../texts.ts';
import { type Cursor, openCursor, sealCursor } from './cursor.ts';
import {
  countOf,
  type Handling,
  handlingOf,
  hasUnknown,
  onlyCounts,
  readSearch,
  type SearchParameters,
  sortingOf,
  tellsTotal,
  unreadable,
  withElements,
} from './search.ts';
import type { Resource } from './to-fhir.ts';

/** Who asks, and under which secrets links are sealed for them. */
export interface Asker {
  readonly secrets: readonly [string, ...string[]];
  readonly professionalId: string;
}

/** A search as it was asked, by its parameters or by the link to a next page. */
export interface Asked {
  readonly search: SearchParameters;
  /** Where it goes on, when it does. */
  readonly cursor: Cursor | undefined;
  /** Something that is not known was passed over. */
  readonly ignored: boolean;
}

/**
 * Reads what is asked for: parameters, or `_cursor` alone, which says them all.
 * @throws Problem 400 for what is not known or not readable, also a cursor that was given to somebody else.
 */
export function readAsked(
  { secrets, professionalId }: Asker,
  of: Cursor['of'],
  { given, known, headers }: { given: unknown; known: readonly string[]; headers: Record<string, unknown> },
): Asked {
  const handling: Handling = handlingOf(headers);
  const search = readSearch(given, known, handling);
  const ignored = hasUnknown(given, known);
  const text = search.get('_cursor')?.join();
  if (text === undefined) return { search, cursor: undefined, ignored };
  const cursor = openCursor(secrets, professionalId, text);
  const beside = [...search.keys()].some((name) => name !== '_cursor' && name !== '_format');
  if (cursor?.of !== of || beside) throw unreadable('_cursor');
  return { search: new Map(cursor.asked), cursor, ignored };
}

/** How the database sorts and cuts a search: the page's own condition, order and length, one more than is shown. */
export interface DatabasePage {
  readonly after: SQL | undefined;
  readonly orderBy: readonly SQL[];
  readonly limit: number;
}

/**
 * Pages by the last one shown and not by a number of rows: what is added or changed meanwhile moves nothing.
 * @param columns the instants that may be sorted by, in milliseconds, and the id.
 */
export function databasePage(
  { search, cursor }: Asked,
  columns: { readonly date: SQLWrapper; readonly _lastUpdated: SQLWrapper; readonly id: SQLWrapper },
): DatabasePage {
  const { by, descending } = sortingOf(search);
  const column = columns[by];
  const direction = sql.raw(descending ? 'desc' : 'asc');
  const last = cursor?.after;
  return {
    after:
      last &&
      sql`(${column}, ${columns.id}) ${sql.raw(descending ? '<' : '>')} (${last.at}::timestamptz, ${last.id}::uuid)`,
    orderBy: [sql`${column} ${direction}`, sql`${columns.id} ${direction}`],
    limit: countOf(search) + 1,
  };
}

/** What of a search by POST goes on to its next pages: nothing that was searched for. */
const kept = ['_count', '_elements', '_summary', '_total'];

/** A page of a search, to be made a Bundle. */
export interface Page {
  /** One more than the page holds, when there are more; or `further` says whether there are. */
  readonly found: readonly Resource[];
  readonly further?: boolean;
  /** How many fit in all; undefined when it was not asked for or is not known. */
  readonly total: number | undefined;
  /** Where the next page goes on from the last resource shown. */
  readonly next: (last: Resource) => Pick<Cursor, 'after' | 'found'>;
  /** What else is to be said: keys of `fhir.outcomes`. */
  readonly said?: readonly string[];
}

/**
 * The Bundle of a page. Links hold what was asked and where it goes on as a sealed cursor; the first page of a search by
 * POST has no parameters in its own link: they may identify somebody.
 * @param where addresses: of the facade, of the resource, and whether this one's parameters may stand in a link.
 */
export function searchset(
  { texts, language, asker }: { texts: Texts; language: Language; asker: Asker },
  of: Cursor['of'],
  { search, cursor, ignored }: Asked,
  page: Page,
  where: { readonly base: string; readonly address: string; readonly open: boolean },
) {
  const shown = onlyCounts(search) ? [] : page.found.slice(0, countOf(search));
  const last = shown.at(-1);
  const linkTo = (rest: Pick<Cursor, 'after' | 'found'>) => {
    const asked = where.open ? [...search] : [...search].filter(([name]) => kept.includes(name));
    const sealed = sealCursor(asker.secrets, asker.professionalId, { of, asked, ...rest });
    return `${where.address}?_cursor=${sealed}`;
  };
  const said = [...(ignored ? ['ignored'] : []), ...(page.said ?? [])];
  const entry = [
    ...shown.map((resource) => ({
      fullUrl: `${where.base}/${resource.resourceType}/${resource.id}`,
      resource: withElements(resource, search),
      search: { mode: 'match' },
    })),
    ...said.map((key) => ({
      resource: {
        resourceType: 'OperationOutcome',
        issue: [
          {
            severity: 'warning',
            code: 'informational',
            details: { text: texts.say(language, `fhir.outcomes.${key}`) },
          },
        ],
      },
      search: { mode: 'outcome' },
    })),
  ];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(tellsTotal(search) && page.total !== undefined && { total: page.total }),
    link: [
      { relation: 'self', url: selfLink() },
      ...(last && (page.further ?? page.found.length > shown.length)
        ? [{ relation: 'next', url: linkTo(page.next(last)) }]
        : []),
    ],
    ...(entry.length > 0 && { entry }),
  };

  function selfLink(): string {
    if (cursor) return linkTo(cursor);
    const query = new URLSearchParams();
    if (where.open)
      for (const [name, values] of search) for (const value of values) query.append(name, value);
    return query.size > 0 ? `${where.address}?${query}` : where.address;
  }
}
