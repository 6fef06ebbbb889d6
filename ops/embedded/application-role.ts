import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { grantApplicationRole } from '#server/database/application-role.ts';

const role = 'aiguillage_app';

/**
 * The connection string of the role as which the product runs on the embedded database, as in production: not the
 * tables' owner. Made when it is not there, with a password of this start's own, and given what it needs.
 * @param url of the owner, migrations applied.
 */
export async function asApplicationRole(url: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    // The role is the cluster's; passwords are no parameters in PostgreSQL.
    await client.query(
      `${rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${pg.escapeLiteral(password)}`,
    );
  } finally {
    await client.end();
  }
  await grantApplicationRole(url, role);
  const changed = new URL(url);
  changed.username = role;
  changed.password = password;
  return changed.href;
}
