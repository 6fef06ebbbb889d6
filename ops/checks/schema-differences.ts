import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type { ClientBase, Pool } from 'pg';

type Queryable = Pick<Pool | ClientBase, 'query'>;

/**
 * Where the tables as the code declares them and the tables of a database differ, one sentence each: tables,
 * columns, types, nullability, defaults, the values a text may have, keys to other tables, and unique or partial
 * indexes. What only SQL can say (checks over several columns, exclusion constraints, plain indexes) is not compared.
 */
export async function schemaDifferences(schema: object, pool: Queryable): Promise<readonly string[]> {
  const declared = Object.values(schema).filter((value) => is(value, PgTable));
  const there = await tablesOf(pool);
  const differences: string[] = [];

  const names = new Set(declared.map((table) => getTableConfig(table).name));
  for (const name of there.keys()) {
    if (!names.has(name)) differences.push(`${name}: only in the database`);
  }
  for (const table of declared) {
    const { name } = getTableConfig(table);
    const found = there.get(name);
    if (!found) differences.push(`${name}: only in the code`);
    else compare(await describe(table, pool), found, name, differences);
  }
  return differences;
}

/** Each fact about a table by what it is about: `column state type` → `text`. */
type Facts = Map<string, string>;

function compare(code: Facts, database: Facts, table: string, into: string[]): void {
  for (const about of new Set([...code.keys(), ...database.keys()])) {
    const [inCode, inDatabase] = [code.get(about) ?? 'nothing', database.get(about) ?? 'nothing'];
    if (inCode !== inDatabase) {
      into.push(`${table}, ${about}: ${inCode} in the code, ${inDatabase} in the database`);
    }
  }
}

async function describe(table: PgTable, pool: Queryable): Promise<Facts> {
  const facts: Facts = new Map();
  const config = getTableConfig(table);
  const columns = Object.values(getTableColumns(table));
  for (const column of columns) {
    const about = `column ${column.name}`;
    // PostgreSQL's own word for the type, so that `timestamp with time zone` and its short form are one.
    const { rows } = await pool.query<{ type: string }>('select format_type(to_regtype($1), null) as type', [
      column.getSQLType(),
    ]);
    facts.set(`${about} type`, rows[0]?.type ?? 'unknown');
    facts.set(`${about} null`, column.notNull || column.primary ? 'refused' : 'taken');
    const generated = column.hasDefault || column.generatedIdentity !== undefined;
    facts.set(`${about} default`, generated ? 'yes' : 'no');
    if (column.enumValues) facts.set(`${about} values`, words(column.enumValues));
    if (column.isUnique) facts.set(`unique index on ${column.name}`, 'yes');
  }
  for (const { config: index } of config.indexes) {
    const kind = [index.unique && 'unique', index.where && 'partial'].filter(Boolean).join(' ');
    if (kind) facts.set(`index ${index.name}`, kind);
  }
  for (const unique of config.uniqueConstraints) {
    facts.set(`unique index on ${unique.columns.map(({ name }) => name).join(', ')}`, 'yes');
  }
  for (const key of config.foreignKeys) {
    const { columns: from, foreignTable, foreignColumns } = key.reference();
    const target = `${getTableConfig(foreignTable).name} (${foreignColumns.map(({ name }) => name).join(', ')})`;
    const about = `foreign key ${from.map(({ name }) => name).join(', ')}`;
    facts.set(about, `${target} on delete ${key.onDelete ?? 'no action'}`);
  }
  return facts;
}

/** The tables of the `public` schema, described in the same words. */
async function tablesOf(pool: Queryable): Promise<ReadonlyMap<string, Facts>> {
  const tables = new Map<string, Facts>();
  const about = (table: string) => {
    const facts = tables.get(table) ?? new Map<string, string>();
    tables.set(table, facts);
    return facts;
  };
  const columns = await pool.query<{
    table: string;
    column: string;
    type: string;
    required: boolean;
    generated: boolean;
  }>(`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull as required, a.atthasdef or a.attidentity <> '' as generated
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`);
  for (const { table, column, type, required, generated } of columns.rows) {
    const facts = about(table);
    facts.set(`column ${column} type`, type);
    facts.set(`column ${column} null`, required ? 'refused' : 'taken');
    facts.set(`column ${column} default`, generated ? 'yes' : 'no');
  }

  // A primary key is told by its columns' nullability; the index behind a UNIQUE column has a name of PostgreSQL's.
  const indexes = await pool.query<{
    table: string;
    name: string;
    unique: boolean;
    partial: boolean;
    constrained: string | null;
  }>(`
    select c.relname as "table", i.relname as name, x.indisunique as unique, x.indpred is not null as partial,
      (select string_agg(a.attname, ', ' order by k.place)
       from pg_constraint n, unnest(n.conkey) with ordinality k (number, place)
       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number
       where n.conindid = x.indexrelid and n.contype = 'u') as constrained
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
    where c.relnamespace = 'public'::regnamespace and not x.indisprimary and not x.indisexclusion
      and (x.indisunique or x.indpred is not null)`);
  for (const { table, name, unique, partial, constrained } of indexes.rows) {
    if (constrained !== null) about(table).set(`unique index on ${constrained}`, 'yes');
    else {
      about(table).set(`index ${name}`, [unique && 'unique', partial && 'partial'].filter(Boolean).join(' '));
    }
  }

  const constraints = await pool.query<{ table: string; definition: string }>(`
    select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as definition
    from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f')`);
  for (const { table, definition } of constraints.rows) {
    const key = /^FOREIGN KEY \((.+?)\) REFERENCES (\w+)\((.+?)\)(?: ON DELETE (.+))?$/.exec(definition);
    if (key) {
      const [, from, target, to, action = 'no action'] = key;
      about(table).set(`foreign key ${from}`, `${target} (${to}) on delete ${action.toLowerCase()}`);
    }
    const values = /^CHECK \(\(\(?(\w+)\)? = ANY \(ARRAY\[(.+)\]\)\)\)$/.exec(definition);
    if (values) {
      const [, column, list = ''] = values;
      about(table).set(
        `column ${column} values`,
        words([...list.matchAll(/'([^']*)'/g)].map(([, value = '']) => value)),
      );
    }
  }
  return tables;
}

function words(values: readonly string[]): string {
  return [...values].sort().join(' ');
}
