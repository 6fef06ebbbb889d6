import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { directoryStructures } from '../../directory/directory.table.ts';
import type { FieldProblem } from '../../problem.ts';
import { checkFiness } from '../../routing/practitioner-types.ts';
import type { Entry } from './act-entry.ts';
import { type ActPlace, checkPlace } from './act-place.ts';

/**
 * Of these FINESS numbers, those of no structure that the directory names, nor of the one that is acted for. Without a
 * directory nothing is known, so nothing is unknown. Places without professionals of their own are rightly in none: this
 * is to be told, never refused.
 * @param typed as they were given, or null without one.
 */
export async function findUnknownFiness(
  db: Database,
  { professional }: Pick<Entry, 'professional'>,
  typed: readonly (string | null | undefined)[],
): Promise<ReadonlySet<string>> {
  const structure = professional.actingAs?.structure;
  const own = [structure?.siteFiness, structure?.legalFiness];
  const asked = new Set<string>();
  for (const each of typed) {
    const checked = checkFiness(each ?? '');
    if (checked.ok && !own.includes(checked.value)) asked.add(checked.value);
  }
  // Most acts are done where one works: they cost no look-up.
  if (asked.size === 0) return asked;
  const { rows } = await db.execute<{ finess: string }>(sql`
    select asked.finess from unnest(${sql.param([...asked])}::text[]) as asked (finess)
    where exists (select from ${directoryStructures})
      and not exists (select from ${directoryStructures} known where known.finess = asked.finess)`);
  return new Set(rows.map(({ finess }) => finess));
}

/** What is told of an act already, and that the directory does not know the number of its place. */
export async function warningsOfPlace(
  db: Database,
  entry: Pick<Entry, 'professional'>,
  placeFiness: string | null,
  told: readonly FieldProblem[],
): Promise<readonly FieldProblem[]> {
  const unknown = await findUnknownFiness(db, entry, [placeFiness]);
  return [...told, ...unknownPlace(placeFiness, unknown, told)];
}

/** What is doubtful in the place of an act as it stands. */
export async function warningsOfStanding(
  db: Database,
  entry: Pick<Entry, 'professional'>,
  { placeKind, placeFiness, placeName }: ActPlace,
): Promise<readonly FieldProblem[]> {
  const checked = checkPlace({ kind: placeKind, finess: placeFiness ?? '', name: placeName ?? '' });
  return warningsOfPlace(db, entry, placeFiness, 'place' in checked ? checked.warnings : []);
}

/** What is to be told of a place, unless its number is doubted already. */
export function unknownPlace(
  placeFiness: string | null,
  unknown: ReadonlySet<string>,
  warnings: readonly FieldProblem[],
): readonly FieldProblem[] {
  const path = '/place/finess';
  if (placeFiness === null || !unknown.has(placeFiness)) return [];
  if (warnings.some((each) => each.path === path)) return [];
  return [{ path, key: 'records-acts.warnings.finess_unknown' }];
}
