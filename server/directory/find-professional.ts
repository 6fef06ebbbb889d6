import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { directoryActivities } from './directory.table.ts';
import { type Identifier, storedIdentifier } from './identifier.ts';

/** What somebody does, how and where. Codes as the open data gives them. */
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
  /** Who registered them, as `CNOM`. */
  readonly authority: string | null;
}

export interface Professional {
  readonly identifier: Pick<Identifier, 'kind' | 'number'>;
  readonly familyName: string | null;
  readonly givenName: string | null;
  /** Each once, in an order that means nothing. */
  readonly activities: readonly DirectoryActivity[];
}

/** More lines than anybody has; a damaged extract may give thousands to one number. */
const mostLines = 200;

const findLines = preparedOnce((db) => {
  const { identifier, familyName, givenName, profession, category, mode, sector, siteFiness, authority } =
    directoryActivities;
  return db
    .select({ familyName, givenName, profession, category, mode, sector, siteFiness, authority })
    .from(directoryActivities)
    .where(eq(identifier, sql.placeholder('identifier')))
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
  const activities = distinct(
    lines.map(({ profession, category, mode, sector, siteFiness, authority }) => {
      return { profession, category, mode, sector, siteFiness, authority };
    }),
  );
  // They may differ between professions.
  const names = distinct(lines.map(({ familyName, givenName }) => ({ familyName, givenName })));
  return {
    identifier: { kind, number },
    familyName: names[0]?.familyName ?? null,
    givenName: names[0]?.givenName ?? null,
    activities,
  };
}

/** Each once: an activity comes with every one of somebody's skills. In an order that is not that of the rows. */
function distinct<Value extends object>(values: readonly Value[]): readonly Value[] {
  if (values.length === 1) return values;
  const found = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
