import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { departmentText } from './department.ts';
import { directoryActivities } from './directory.table.ts';
import { type Identifier, storedIdentifier } from './identifier.ts';
import { departmentOfKey } from './search-key.ts';

/** One line of the directory: what somebody does, how and where. Codes as the open data gives them. */
export interface DirectoryActivity {
  /** TRE_G15. */
  readonly profession: string | null;
  /** C civil, M military, E in training. */
  readonly category: string | null;
  /** TRE_R23: L, S, B; null for whoever has no activity, as stand-ins and students. */
  readonly mode: string | null;
  /** TRE_R02. */
  readonly sector: string | null;
  readonly siteFiness: string | null;
  readonly legalFiness: string | null;
  /** Of the place; null where there is none, or it is abroad. */
  readonly department: string | null;
  /** INSEE code. */
  readonly commune: string | null;
  /** Who registered them, as `CNOM`. */
  readonly authority: string | null;
  readonly role: string | null;
  readonly kind: string | null;
}

export interface Professional {
  readonly identifier: Pick<Identifier, 'kind' | 'number'>;
  readonly familyName: string | null;
  readonly givenName: string | null;
  /** Every distinct line, in an order that means nothing. */
  readonly activities: readonly DirectoryActivity[];
}

/** More lines than anybody has; a damaged extract may give thousands to one number. */
const mostLines = 200;

const findLines = preparedOnce((db) => {
  const { familyName, givenName, profession, category, mode, sector } = directoryActivities;
  const { siteFiness, legalFiness, searchKey, commune, authority, role, kind } = directoryActivities;
  return db
    .select({
      familyName,
      givenName,
      profession,
      category,
      mode,
      sector,
      siteFiness,
      legalFiness,
      searchKey,
      commune,
      authority,
      role,
      kind,
    })
    .from(directoryActivities)
    .where(eq(directoryActivities.identifier, sql.placeholder('identifier')))
    .limit(mostLines)
    .prepare('find_professional');
});

/** What the directory in use knows of a professional; undefined when it does not know the number. */
export async function findProfessional(
  db: Database,
  identifier: Pick<Identifier, 'kind' | 'number'>,
): Promise<Professional | undefined> {
  const lines = await findLines(db).execute({ identifier: storedIdentifier(identifier) });
  if (lines.length === 0) return undefined;
  const { kind, number } = identifier;
  // The same activity comes once for each of somebody's skills; names may differ between professions.
  const distinct = new Map(
    lines.map(({ familyName, givenName, searchKey, ...rest }) => {
      const activity = { ...rest, department: departmentText(departmentOfKey(searchKey)) || null };
      return [JSON.stringify(activity), activity];
    }),
  );
  const [named] = lines
    .filter((line) => line.familyName !== null)
    .map(({ familyName, givenName }) => ({ familyName, givenName }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    identifier: { kind, number },
    familyName: named?.familyName ?? null,
    givenName: named?.givenName ?? null,
    activities: [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, activity]) => activity),
  };
}
