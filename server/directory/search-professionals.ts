import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { departmentText } from './department.ts';
import { directoryActivities } from './directory.table.ts';
import { fromStored, type Identifier } from './identifier.ts';
import { departmentOfKey, keysOfADepartment, nameKey, searchRange } from './search-key.ts';

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

/** How many whose names begin alike are compared with a longer beginning: more than bear one name in a département. */
const mostCompared = 2000;

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
  const there = searchRange(search.department, search.name);
  const nowhere = searchRange('', search.name);
  const { identifier, familyName, givenName, searchKey, profession, category, mode } = directoryActivities;
  const { rows: candidates } = await db.execute<Candidate>(sql`
    select ${identifier}, min(${familyName}) as "familyName", min(${givenName}) as "givenName",
      min(${searchKey}) as "searchKey",
      array_agg(distinct ${profession} || ':' || coalesce(${category}, '')) filter (where ${profession} is not null)
        as professions,
      array_agg(distinct ${mode}) filter (where ${mode} is not null) as modes
    from ${directoryActivities}
    where (${searchKey} >= ${there.from} and ${searchKey} < ${there.to})
      or (${searchKey} >= ${nowhere.from} and ${searchKey} < ${nowhere.to})
    group by ${identifier}
    order by min(${searchKey}) % ${keysOfADepartment}, min(${familyName}), min(${givenName}), ${identifier}
    limit ${there.exact ? mostFound + 1 : mostCompared}`);
  const beginning = nameKey(search.name);
  const rows = candidates.filter(
    (each) =>
      there.exact || nameKey(`${each.familyName ?? ''} ${each.givenName ?? ''}`).startsWith(beginning),
  );
  return {
    professionals: rows.slice(0, mostFound).map((row) => ({
      identifier: fromStored(Number(row.identifier)),
      familyName: row.familyName,
      givenName: row.givenName,
      professions: (row.professions ?? []).map((each) => {
        const [code = '', category] = each.split(':');
        return { code, inTraining: category === 'E' };
      }),
      department: departmentText(departmentOfKey(Number(row.searchKey))) || null,
      modes: row.modes ?? [],
    })),
    more: rows.length > mostFound,
  };
}

/** A type rather than an interface: rows of the driver are records of anything. */
type Candidate = {
  readonly identifier: string;
  readonly familyName: string | null;
  readonly givenName: string | null;
  readonly searchKey: string;
  /** Code and category: `10:E`. */
  readonly professions: readonly string[] | null;
  readonly modes: readonly string[] | null;
};
