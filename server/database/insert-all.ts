import { getTableColumns, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from './client.ts';

/**
 * Inserts whole rows in their order, by one statement whose text is the same for however many: writing out and planning
 * one for each number of rows costs more than running it. What would stand twice under a unique index is left out.
 * @returns the values of the column `told`, which is text, of the rows inserted.
 */
export async function insertAll<Table extends PgTable>(
  tx: Database,
  table: Table,
  rows: readonly Table['$inferSelect'][],
  told: PgColumn,
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const columns = Object.entries(getTableColumns(table));
  const names = sql.join(
    columns.map(([, { name }]) => sql.identifier(name)),
    sql`, `,
  );
  const json = rows.map((row) =>
    Object.fromEntries(columns.map(([key, { name }]) => [name, inJson(row[key])])),
  );
  const inserted = await tx.execute<{ told: string }>(sql`
    insert into ${table} (${names})
    select ${names} from json_populate_recordset(null::${table}, ${JSON.stringify(json)}::json)
    on conflict do nothing returning ${sql.identifier(told.name)}::text as told`);
  return new Set(inserted.rows.map((row) => row.told));
}

/** Bytes as PostgreSQL reads them in a text; what else there is, JSON writes as it should. */
function inJson(value: unknown): unknown {
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value;
}
