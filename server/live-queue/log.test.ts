import { asc, eq, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { caseEvents, cases, liveLogHeads } from '#server/cases/cases.table.ts';
import { changeCase } from '#server/cases/change-case.ts';
import type { Database } from '#server/database/client.ts';
import { aCase } from '#server/testing/builders.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { numberEvents, readHead, readLog } from './log.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:30:00+01:00');

beforeEach(async () => {
  await database.db.delete(caseEvents);
  await database.db.delete(liveLogHeads);
  await database.db.delete(cases);
});

/** Changes a case as any command does, leaving one event that `mark` tells from the others. */
const change = (db: Database, id: number, mark: number) =>
  changeCase(db, {
    where: [eq(cases.id, id)],
    set: {},
    at: now,
    by: { kind: 'system' },
    events: [{ kind: 'note_added', data: { mark } }],
  });

describe('numbering', () => {
  test('counts from one in each hotline, once', async () => {
    const { db } = database;
    await aCase(db);
    await aCase(db, { hotlineId: 'liberaux' });
    await aCase(db);
    expect(await numberEvents(db)).toBe(3);
    expect(await numberEvents(db)).toBe(0);
    await aCase(db);
    expect(await numberEvents(db)).toBe(1);
    expect((await readLog(db, 'etablissements', 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect((await readLog(db, 'liberaux', 0, 10)).map(({ seq }) => seq)).toEqual([1]);
    expect(await readHead(db, 'etablissements')).toBe(3);
    expect(await readHead(db, 'nulle-part')).toBe(0);
  });

  test('gives the log from any place on', async () => {
    const { db } = database;
    const { id, number } = await aCase(db);
    for (const mark of [1, 2, 3]) await change(db, id, mark);
    await numberEvents(db);
    expect(await readLog(db, 'etablissements', 1, 2)).toEqual([
      { seq: 2, kind: 'note_added', caseId: id, number, version: 2 },
      { seq: 3, kind: 'note_added', caseId: id, number, version: 3 },
    ]);
    expect(await readLog(db, 'etablissements', 4, 9)).toEqual([]);
  });

  test('passes over what is not committed, and puts it after what was numbered meanwhile', async () => {
    const { db } = database;
    const [slow, quick] = [await aCase(db), await aCase(db)];
    await numberEvents(db);
    // The slow one writes its event first, and commits it last: a number drawn at writing would be lost to readers.
    await db.transaction(async (tx) => {
      await change(tx, slow.id, 1);
      await change(db, quick.id, 2);
      expect(await numberEvents(db)).toBe(1);
      expect(await readLog(db, 'etablissements', 2, 9)).toMatchObject([{ seq: 3, caseId: quick.id }]);
    });
    expect(await numberEvents(db)).toBe(1);
    expect(await readLog(db, 'etablissements', 3, 9)).toMatchObject([{ seq: 4, caseId: slow.id }]);
    const [first, second] = await db
      .select()
      .from(caseEvents)
      .where(sql`${caseEvents.seq} > 2`)
      .orderBy(asc(caseEvents.id));
    expect([first?.seq, second?.seq]).toEqual([4, 3]);
  });

  test('loses and repeats nothing for readers, while thirty write and four number at once', async () => {
    const { db } = database;
    const rounds = 8;
    const writers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        aCase(db, { hotlineId: n % 3 === 0 ? 'liberaux' : 'etablissements' }),
      ),
    );
    const seen = new Map<string, { seq: number; caseId: number; version: number }[]>([
      ['etablissements', []],
      ['liberaux', []],
    ]);
    let writing = true;

    /** Reads on from the last number it saw, as a hub does. */
    async function read(hotline: string): Promise<void> {
      const entries = seen.get(hotline) ?? [];
      entries.push(...(await readLog(db, hotline, entries.at(-1)?.seq ?? 0, 7)));
    }
    async function keepNumbering(): Promise<void> {
      while (writing) await numberEvents(db);
    }
    async function keepReading(hotline: string): Promise<void> {
      while (writing) await read(hotline);
    }
    async function write(id: number, n: number): Promise<void> {
      for (let round = 0; round < rounds; round += 1) {
        if (n % 2 === 0) await change(db, id, round);
        // Half of them hold their event uncommitted for a while, so that commits come out of the order of writing.
        else {
          await db.transaction(async (tx) => {
            await change(tx, id, round);
            await tx.execute(sql`select pg_sleep(${0.002 * (n % 5)})`);
          });
        }
      }
    }

    const watching = [
      ...Array.from({ length: 4 }, keepNumbering),
      keepReading('etablissements'),
      keepReading('liberaux'),
    ];
    await Promise.all(writers.map(({ id }, n) => write(id, n)));
    writing = false;
    await Promise.all(watching);
    await numberEvents(db);

    let total = 0;
    for (const [hotline, entries] of seen) {
      const head = await readHead(db, hotline);
      while ((entries.at(-1)?.seq ?? 0) < head) await read(hotline);
      total += entries.length;
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, place) => place + 1));
      // Within a case, the log keeps the order of its versions.
      for (const caseId of new Set(entries.map((entry) => entry.caseId))) {
        const versions = entries.filter((entry) => entry.caseId === caseId).map(({ version }) => version);
        expect(versions).toEqual(Array.from({ length: rounds + 1 }, (_, place) => place + 1));
      }
    }
    expect(total).toBe(30 * (rounds + 1));
    expect(await db.$count(caseEvents)).toBe(total);
  });
});
