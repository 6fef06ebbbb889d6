import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { directoryActivities } from './directory.table.ts';
import { fromStored, type Identifier } from './identifier.ts';
import { nameKey, searchPrefix } from './search-key.ts';

export interface ProfessionalFound {
  readonly identifier: Pick<Identifier, 'kind' | 'number'>;
  readonly familyName: string | null;
  readonly givenName: string | null;
  readonly professions: readonly { readonly code: string; readonly inTraining: boolean }[];
  /** Of the lines that were found; null for those without a place. */
  readonly department: string | null;
  readonly modes: readonly string[];
}

/** How many letters of a name are searched at least: with fewer, a town would be listed. */
export const shortestName = 2;

/** Whether enough of a name was typed. */
export function isSearchable(name: string): boolean {
  return nameKey(name).length >= shortestName;
}

/** How many are shown at once: more than anybody reads, and too few to copy the directory by. */
const mostFound = 20;

/**
 * Professionals of a département whose family name, then given name, begin as typed (« dupont ma »), whatever the
 * accents; with those who have no place of work, such as stand-ins, since they may be anywhere. In order of name.
 * @param search.name one that `isSearchable`.
 * @returns whether there are `more` than are given.
 */
export async function searchProfessionals(
  db: Database,
  search: { readonly department: string; readonly name: string },
): Promise<{ readonly professionals: readonly ProfessionalFound[]; readonly more: boolean }> {
  const { identifier, familyName, givenName, department, searchKey, profession, category, mode } =
    directoryActivities;
  /** Keys hold letters, digits, spaces and `-` only: all that begin so come before the prefix with `~` after it. */
  const begins = (prefix: string) => sql`${searchKey} >= ${prefix} and ${searchKey} < ${`${prefix}~`}`;
  const { rows } = await db.execute<{
    identifier: string;
    family_name: string | null;
    given_name: string | null;
    department: string | null;
    professions: string[] | null;
    modes: string[] | null;
  }>(sql`
    select ${identifier}, min(${familyName}) as family_name, min(${givenName}) as given_name,
      min(${department}) as department,
      array_agg(distinct ${profession} || ':' || coalesce(${category}, '')) filter (where ${profession} is not null)
        as professions,
      array_agg(distinct ${mode}) filter (where ${mode} is not null) as modes
    from ${directoryActivities}
    where (${begins(searchPrefix(search.department, search.name))})
      or (${begins(searchPrefix(undefined, search.name))})
    group by ${identifier}
    order by min(substr(${searchKey}, strpos(${searchKey}, ' '))), ${identifier}
    limit ${mostFound + 1}`);
  return {
    professionals: rows.slice(0, mostFound).map((row) => ({
      identifier: fromStored(Number(row.identifier)),
      familyName: row.family_name,
      givenName: row.given_name,
      professions: (row.professions ?? []).map((each) => {
        const [code = '', category] = each.split(':');
        return { code, inTraining: category === 'E' };
      }),
      department: row.department,
      modes: row.modes ?? [],
    })),
    more: rows.length > mostFound,
  };
}
