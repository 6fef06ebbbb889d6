import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** A `timestamptz` column read as ISO 8601 text in UTC: lists of hundreds of rows need no `Date` of each. */
export function instantOf(column: SQLWrapper, name: string): SQL.Aliased<string> {
  return sql<string>`${column}`.mapWith(isoInstant).as(name);
}

/** The same, of a column that may be null. */
export function instantOrNullOf(column: SQLWrapper, name: string): SQL.Aliased<string | null> {
  return sql<string | null>`${column}`.mapWith(isoInstant).as(name);
}

/**
 * PostgreSQL's text of an instant (`2026-11-23 09:00:00.5+00`) as ISO 8601 in UTC, to the millisecond or finer.
 * Where the session's time zone is UTC, as on servers, it is only spelt differently.
 */
export function isoInstant(text: string): string {
  if (!text.endsWith('+00')) {
    // No offset has a part of a second: what a Date drops of it is the same everywhere.
    const [, finer = ''] = /\.\d{3}(\d+)/.exec(text) ?? [];
    return `${new Date(text).toISOString().slice(0, -1)}${finer}Z`;
  }
  const whole = `${text.slice(0, 10)}T${text.slice(11, -3)}`;
  return whole.length === 19 ? `${whole}.000Z` : `${whole.padEnd(23, '0')}Z`;
}
