/**
 * Purpose: what an import writes down of itself, in plain SQL on a connection of its own.
 * Entry points: `findImportInUse`, `beginImport`, `settleImport`, `closeInterrupted`.
 * May import: types only. Loading Drizzle takes more memory than an import may have.
 */
import type pg from 'pg';
import type { DirectoryImport } from './directory.table.ts';
import type { Doubt } from './doubts.ts';
import type { RejectedByReason, Rejection } from './parse-extract.ts';

type Connection = Pick<pg.ClientBase, 'query'>;

/** Held by the one import that may run; any number that no other advisory lock of ours uses. */
export const importLock = 7_421_002;

const record = `
  id, state, forced, rows, professionals, rejected, doubts, failure,
  file_name as "fileName", file_size::float8 as "fileSize", file_sha256 as "fileSha256",
  started_at as "startedAt", finished_at as "finishedAt",
  rejected_by_reason as "rejectedByReason", first_rejected as "firstRejected"`;

/** The import that is in use; undefined as long as there never was one. */
export async function findImportInUse(connection: Connection): Promise<DirectoryImport | undefined> {
  const { rows } = await connection.query<DirectoryImport>(
    `select ${record} from directory_imports where state = 'imported' order by id desc limit 1`,
  );
  return rows[0];
}

/** Writes down that an import begins. @returns its id. */
export async function beginImport(
  connection: Connection,
  file: { readonly name: string; readonly size: number; readonly forced: boolean },
  now: Date,
): Promise<number> {
  const { rows } = await connection.query<{ id: number }>(
    `insert into directory_imports (state, file_name, file_size, forced, started_at)
      values ('running', $1, $2, $3, $4) returning id`,
    [file.name, file.size, file.forced, now],
  );
  if (!rows[0]) throw new Error('the import was not written down');
  return rows[0].id;
}

/** What is known of an import that read its file. */
export interface ImportFigures {
  readonly fileSha256: string | null;
  readonly rows: number;
  readonly professionals: number | null;
  readonly rejected: number;
  readonly rejectedByReason: RejectedByReason;
  readonly firstRejected: readonly Rejection[];
  readonly doubts: readonly Doubt[];
}

/** Writes down how a running import ended. */
export async function settleImport(
  connection: Connection,
  id: number,
  end: {
    readonly state: 'imported' | 'refused' | 'failed';
    readonly figures?: ImportFigures;
    readonly failure?: string;
  },
  now: Date,
): Promise<DirectoryImport> {
  const { figures, failure } = end;
  const { rows } = await connection.query<DirectoryImport>(
    `update directory_imports set
        state = $2, finished_at = $3, file_sha256 = $4, rows = $5, professionals = $6, rejected = $7,
        rejected_by_reason = $8, first_rejected = $9, doubts = $10, failure = $11
      where id = $1 and state = 'running' returning ${record}`,
    [
      id,
      end.state,
      now,
      figures?.fileSha256,
      figures?.rows,
      figures?.professionals,
      figures?.rejected,
      json(figures?.rejectedByReason),
      json(figures?.firstRejected),
      json(figures?.doubts),
      failure,
    ],
  );
  if (!rows[0]) throw new Error(`import ${id} was not running`);
  return rows[0];
}

/** An array would otherwise arrive as an array of PostgreSQL's. */
function json(value: object | undefined): string | undefined {
  return value && JSON.stringify(value);
}

/** Closes what killed imports left open; only for whoever holds the import lock, when none can be running. */
export async function closeInterrupted(connection: Connection, now: Date): Promise<void> {
  await connection.query(
    `update directory_imports set state = 'interrupted', finished_at = $1 where state = 'running'`,
    [now],
  );
}
