import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { testDatabase } from '#server/testing/test-database.ts';
import { instantOf, instantOrNullOf } from './instant.ts';

const database = testDatabase();

test.each(['UTC', 'Europe/Paris', 'America/St_Johns', 'Asia/Kathmandu'])(
  'instants read in %s are ISO 8601 in UTC, as Date writes them',
  async (zone) => {
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('timezone', ${zone}, true)`);
      for (const iso of [
        '2026-11-23T09:00:00.000Z',
        '2026-03-29T00:59:59.500Z',
        '2026-03-29T01:00:00.050Z',
        '1999-12-31T23:59:59.999Z',
        // Finer than Date: where a page of a list ends must be told exactly, or the next one begins with it again.
        '2026-11-23T09:00:00.123456Z',
        '2026-11-23T09:00:00.1234Z',
      ]) {
        const [row] = await tx
          .select({ at: instantOf(sql`${iso}::timestamptz`, 'at') })
          .from(sql`(select) as one`);
        expect(row).toEqual({ at: iso });
      }
    });
  },
);

test('no instant is null', async () => {
  const [row] = await database.db
    .select({ at: instantOrNullOf(sql`null::timestamptz`, 'at') })
    .from(sql`(select) as one`);
  expect(row).toEqual({ at: null });
});
