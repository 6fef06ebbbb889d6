import pg from 'pg';

/** What of the tables is not the application's to change, beside what `grantApplicationRole` gives of all. */
const withheld = [
  // Added to by `log_access`, shortened by `purge_access_log`, which run as the tables' owner.
  'revoke insert, update, delete, truncate on access_log, access_log_ends from',
  // The history of the records: added to, deleted with the record when its time has come, never rewritten.
  'revoke update, truncate on record_versions from',
];

/**
 * Gives a role of the database all that servers and workers need and no more, so that they run as somebody who does not
 * own the tables: they read and write rows, make nothing in the schema, and of the access log they only read. What later
 * migrations and directory imports make is included. To be run after each migration, as the tables' owner.
 * @param url of the tables' owner.
 * @param role a role that is there.
 * @throws Error of PostgreSQL's when the role is not there, or the owner may not grant.
 */
export async function grantApplicationRole(url: string, role: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const [{ schema, database } = { schema: 'public', database: '' }] = (
      await client.query<{ schema: string; database: string }>(
        'select current_schema() as schema, current_database() as database',
      )
    ).rows;
    const [to, here, base] = [role, schema, database].map(pg.escapeIdentifier);
    await client.query('begin');
    for (const statement of [
      // BullMQ keeps its jobs in a schema that it makes itself.
      `grant connect, create, temporary on database ${base} to ${to}`,
      `revoke create on schema ${here} from public, ${to}`,
      `grant usage on schema ${here}, drizzle to ${to}`,
      `grant select on all tables in schema drizzle to ${to}`,
      `grant select, insert, update, delete on all tables in schema ${here} to ${to}`,
      `grant usage, select on all sequences in schema ${here} to ${to}`,
      `alter default privileges in schema ${here} grant select, insert, update, delete on tables to ${to}`,
      `alter default privileges in schema ${here} grant usage, select on sequences to ${to}`,
      ...withheld.map((each) => `${each} ${to}`),
      `grant execute on function log_access, purge_access_log to ${to}`,
    ])
      await client.query(statement);
    await handOver(client, role);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** The queue's schema, if a server that ran as the owner made it: BullMQ migrates it as the application's role. */
async function handOver(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `with app as (select oid as id, rolname as name from pg_roles where rolname = $1::text)
     select format('alter schema %I owner to %I', nspname, name) as statement
       from pg_namespace, app where nspname = 'bullmq' and nspowner <> app.id
     union all select format('alter table %s owner to %I', oid::regclass, name)
       from pg_class, app where relnamespace = to_regnamespace('bullmq') and relkind in ('r', 'p', 'v', 'm')
         and relowner <> app.id
     union all select format('alter sequence %s owner to %I', oid::regclass, name)
       from pg_class sequence, app where relnamespace = to_regnamespace('bullmq') and relkind = 'S'
         and relowner <> app.id and not exists (
           select from pg_depend where objid = sequence.oid and deptype in ('a', 'i') and refclassid = 'pg_class'::regclass)
     union all select format('alter routine %s owner to %I', oid::regprocedure, name)
       from pg_proc, app where pronamespace = to_regnamespace('bullmq') and proowner <> app.id
     union all select format('alter type %s owner to %I', oid::regtype, name)
       from pg_type, app where typnamespace = to_regnamespace('bullmq') and typtype in ('e', 'd') and typowner <> app.id`,
    [role],
  );
  for (const { statement } of rows) await client.query(statement);
}
