import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import type pino from 'pino';
import type { Database } from '#server/database/client.ts';
import { createLog, type Log } from '#server/logging.ts';
import { knownNumbers } from './nir-watch/numbers.ts';

/**
 * Where a NIR was found though it should be nowhere; never the NIR itself. Looked for as nir-watch/numbers.ts does: as it
 * is, in groups, and as it would stand in an address.
 */
export function nirLeaks(nirs: Iterable<string>, where: Readonly<Record<string, string>>): readonly string[] {
  const numbers = knownNumbers(nirs);
  return Object.entries(where).flatMap(([name, text]) => (numbers.findIn(text) ? [name] : []));
}

export interface LogSink {
  /** A log as production's, everything included down to `trace`. */
  readonly log: Log;
  /** All that was written. */
  text(): string;
}

/** A log that remembers all it is told. */
export function logSink(): LogSink {
  const lines: string[] = [];
  return {
    log: createLog('trace', {
      write: (line: string) => {
        lines.push(line);
      },
    } satisfies pino.DestinationStream),
    text: () => lines.join(''),
  };
}

/** Every table's rows as text, by its name: what a dump of the database would show. */
export async function databaseAsText(db: Database): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await db.execute<{ schema: string; name: string }>(sql`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`);
  const texts: Record<string, string> = {};
  for (const { schema, name } of tables) {
    const { rows } = await db.execute<{ row: string }>(
      sql`select row_to_json(each)::text as row from ${sql.identifier(schema)}.${sql.identifier(name)} each`,
    );
    texts[`${schema}.${name}`] = rows.map(({ row }) => row).join('\n');
  }
  return texts;
}

/** Every file below a folder, as text by its path: mails, logs. */
export function filesAsText(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, readFileSync(path, 'latin1')];
    }),
  );
}
