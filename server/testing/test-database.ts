import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { connect, type Database, type DatabaseConnection } from '#server/database/client.ts';
import { execute, urlFor } from './global-setup.ts';
import { watchStatements } from './nir-watch/statements.ts';
import { searchTables } from './nir-watch/tables.ts';
import { nirWatch } from './nir-watch/watch.ts';

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  readonly connection: DatabaseConnection;
}

/**
 * A migrated PostgreSQL database of this test file's own, cloned before its tests, searched for NIRs and dropped after them.
 * Call at the top of a file or of a `describe`; read the fields inside tests only.
 */
export function testDatabase(): TestDatabase {
  let opened: { connection: DatabaseConnection; url: string } | undefined;
  const name = `aiguillage_test_${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    await execute(inject('adminUrl'), `create database ${name} template ${inject('templateDatabase')}`);
    const url = urlFor(inject('adminUrl'), name);
    // A connection cut while idle is what some tests do on purpose; a query that it fails is seen by its caller.
    opened = { url, connection: connect(url, { max: 12, onIdleError: () => {} }) };
    watchStatements(opened.connection.pool, nirWatch);
  });
  afterAll(async () => {
    await opened?.connection.close();
    if (opened) await searchTables(opened.url, nirWatch);
    await execute(inject('adminUrl'), `drop database if exists ${name} with (force)`);
  });

  const ready = () => {
    if (!opened) throw new Error('the test database is there only while the tests run');
    return opened;
  };
  return {
    get connection() {
      return ready().connection;
    },
    get db() {
      return ready().connection.db;
    },
    get url() {
      return ready().url;
    },
  };
}
