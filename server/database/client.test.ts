import { expect, test } from 'vitest';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();

test('a connection lost during a transaction fails the transaction, and stops nothing', async () => {
  const { pool } = database.connection;
  const client = await pool.connect();
  // Not `once` of node:events, which would listen to the error itself.
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  await client.query('begin');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  await pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await ended;
  await expect(client.query('commit')).rejects.toThrow();
  client.release(true);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
