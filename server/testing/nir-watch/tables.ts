import pg from 'pg';
import type { NirWatch } from './watch.ts';

/**
 * Rows that may hold thirteen characters of a number in a column or across two, in one piece or in groups, or in bytes.
 * Which of them do is decided here: PostgreSQL only has to leave out the most of them.
 */
const likely = `(translate(each::text, E' .-_/+\\u00a0\\u202f\\r\\n\\t', '') ~ '[1-8][0-9]{5}[0-9ABab][0-9]{6}'
  or each::text ~ '3[1-8](3[0-9]){5}(3[0-9]|[46][12])(3[0-9]){6}')`;

/** Bytes as PostgreSQL writes them. */
const bytes = /\\x([0-9a-f]+)/g;

/**
 * Searches every column of every table, whatever its schema: the product's, its queue's, the migrations'. There is no
 * exception: what may be stored of a NIR is sealed, or indexed under a key.
 * @param url of a database that nobody uses any more: whoever still holds a lock there loses the connection.
 */
export async function searchTables(url: string, watch: NirWatch): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend' and usename = current_user`);
    const { rows: tables } = await client.query<{ schema: string; name: string }>(`
      select schemaname as schema, tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`);
    if (tables.length === 0) return;
    const parts = tables.map(({ schema, name }) => {
      const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
      return `select ${pg.escapeLiteral(`${schema}.${name}`)} as name, to_jsonb(each) as row from ${table} each where ${likely}`;
    });
    const { rows } = await client.query<{ name: string; row: Record<string, unknown> }>(
      parts.join('\nunion all\n'),
    );
    for (const { name, row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value === null) continue;
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        watch.look(
          `column ${column} of ${name}`,
          text.replace(bytes, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
        );
      }
    }
  } finally {
    await client.end();
  }
}
