import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { theNotice } from './builders.ts';
import type { RoutingConfiguration } from './configuration.ts';
import {
  exceptionIntervals,
  hotlineExceptions,
  hotlines,
  hotlineTimetables,
  routingRules,
  timetableIntervals,
} from './hotlines.table.ts';
import { configurationCache, loadConfiguration } from './load-configuration.ts';
import { openingAt } from './opening-hours.ts';

const database = testDatabase();

/** Undoes what a test wrote: every test reads the seeded rows. */
async function undone(work: (db: typeof database.db) => Promise<void>): Promise<void> {
  const undo = new Error('undo');
  await expect(
    database.db.transaction(async (tx) => {
      await work(tx);
      throw undo;
    }),
  ).rejects.toBe(undo);
}

/** The constraint that refuses the statement. */
async function refusedBy(statement: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await statement.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause ? String(cause.constraint) : undefined;
}

describe('the migrated configuration', () => {
  test('is what the notice says, with our default for what it does not name', async () => {
    expect(await loadConfiguration(database.db)).toEqual(theNotice());
  });

  test('is read with its periods, exceptions and 24:00', async () => {
    await undone(async (db) => {
      await db
        .update(hotlines)
        .set({ zone: 'Indian/Reunion', validTo: '2027-01-01' })
        .where(eq(hotlines.id, 'liberaux'));
      const [timetable] = await db
        .insert(hotlineTimetables)
        .values({ hotlineId: 'liberaux', holidays: 'closed', validFrom: '2026-03-01', validTo: '2026-04-01' })
        .returning();
      await db.insert(timetableIntervals).values([
        { timetableId: timetable?.id ?? 0, weekday: 5, opensAt: '20:00', closesAt: '24:00' },
        { timetableId: timetable?.id ?? 0, weekday: 5, opensAt: '08:30', closesAt: '12:15' },
      ]);
      const [exception] = await db
        .insert(hotlineExceptions)
        .values({ hotlineId: 'liberaux', day: '2026-03-10', noteFr: 'Grève', noteEn: 'Strike' })
        .returning();
      await db
        .insert(exceptionIntervals)
        .values({ exceptionId: exception?.id ?? 0, opensAt: '10:00', closesAt: '11:00' });

      const { hotlines: lines } = await loadConfiguration(db);
      expect(lines.find(({ id }) => id === 'liberaux')?.schedule).toEqual({
        zone: 'Indian/Reunion',
        holidayCalendar: 'metropole',
        inService: { validFrom: null, validTo: '2027-01-01' },
        timetables: [
          {
            holidays: 'closed',
            validFrom: '2026-03-01',
            validTo: '2026-04-01',
            weekly: [
              { weekday: 5, opensAt: '08:30', closesAt: '12:15' },
              { weekday: 5, opensAt: '20:00', closesAt: '24:00' },
            ],
          },
        ],
        exceptions: [
          {
            day: '2026-03-10',
            note: { fr: 'Grève', en: 'Strike' },
            intervals: [{ opensAt: '10:00', closesAt: '11:00' }],
          },
        ],
      });
    });
  });

  test('is refused as a whole when a time zone does not exist', async () => {
    await undone(async (db) => {
      await db.update(hotlines).set({ zone: 'Europe/Lutece' });
      await expect(loadConfiguration(db)).rejects.toThrow('Europe/Lutece');
    });
  });
});

describe('the tables refuse', () => {
  const seededTimetable = () =>
    database.db
      .select({ id: hotlineTimetables.id })
      .from(hotlineTimetables)
      .where(eq(hotlineTimetables.hotlineId, 'etablissements'))
      .then((rows) => rows[0]?.id ?? 0);

  test('two timetables of a line at once, and take one after the other', async () => {
    const first = { hotlineId: 'liberaux', holidays: 'closed', validTo: '2026-07-01' } as const;
    await undone(async (db) => {
      await db
        .insert(hotlineTimetables)
        .values([first, { ...first, validFrom: '2026-07-01', validTo: null }]);
    });
    const overlapping = database.db
      .insert(hotlineTimetables)
      .values([first, { ...first, validFrom: '2026-06-30', validTo: null }]);
    expect(await refusedBy(overlapping)).toBe('one_timetable_at_a_time');
  });

  test('intervals that overlap in a weekday', async () => {
    const timetableId = await seededTimetable();
    const insert = (opensAt: string, closesAt: string) =>
      database.db.insert(timetableIntervals).values({ timetableId, weekday: 1, opensAt, closesAt });
    expect(await refusedBy(insert('19:59', '21:00'))).toBe('no_overlap_in_a_weekday');
    expect(await refusedBy(insert('22:00', '21:00'))).toContain('check');
    await undone(async (db) => {
      await db
        .insert(timetableIntervals)
        .values({ timetableId, weekday: 1, opensAt: '20:00', closesAt: '24:00' });
    });
  });

  test('an empty period, two exceptions for a day, two defaults at once', async () => {
    const empty = database.db.update(hotlines).set({ validFrom: '2026-01-01', validTo: '2026-01-01' });
    expect(await refusedBy(empty)).toContain('check');
    const strike = { hotlineId: 'liberaux', day: '2026-03-10', noteFr: 'Grève', noteEn: 'Strike' };
    expect(await refusedBy(database.db.insert(hotlineExceptions).values([strike, strike]))).toContain(
      'day_key',
    );
    const rule = { position: 1001, hotlineId: 'liberaux', origin: 'default' } as const;
    expect(await refusedBy(database.db.insert(routingRules).values(rule))).toBe('one_default_at_a_time');
    const samePlace = { ...rule, position: 10, mode: 'B' } as const;
    expect(await refusedBy(database.db.insert(routingRules).values(samePlace))).toBe('one_rule_per_position');
    const saysNothing = { ...rule, origin: 'notice' } as const;
    expect(await refusedBy(database.db.insert(routingRules).values(saysNothing))).toContain('check');
  });

  test('a line that rules still name being removed', async () => {
    const removal = database.db.delete(hotlines).where(eq(hotlines.id, 'liberaux'));
    expect(await refusedBy(removal)).toBe('routing_rules_hotline_id_fkey');
  });
});

describe('the configuration at hand', () => {
  const silent = { error: () => {} };
  const empty: RoutingConfiguration = { hotlines: [], rules: [] };

  /** A cache whose loads are let through one by one. */
  function aCache({ maxAgeMs = 1000 } = {}) {
    const clock = testClock();
    const loads: PromiseWithResolvers<RoutingConfiguration>[] = [];
    const logged: string[] = [];
    const cache = configurationCache({
      db: database.db,
      maxAgeMs,
      clock,
      log: { error: (_, message) => logged.push(message) },
      load: () => {
        const next = Promise.withResolvers<RoutingConfiguration>();
        loads.push(next);
        return next.promise;
      },
    });
    return { cache, clock, loads, logged };
  }

  test('is read from the tables', async () => {
    const cache = configurationCache({ db: database.db, maxAgeMs: 1000, clock: testClock(), log: silent });
    expect(await cache.current()).toEqual(theNotice());
    expect(await cache.current()).toBe(await cache.current());
  });

  test('is loaded once for all who ask at the same time, and again when it has aged', async () => {
    const { cache, clock, loads } = aCache();
    const asked = Promise.all([cache.current(), cache.current(), cache.current()]);
    loads[0]?.resolve(empty);
    expect(await asked).toEqual([empty, empty, empty]);
    clock.advance(999);
    expect(await cache.current()).toBe(empty);
    expect(loads).toHaveLength(1);

    clock.advance(1);
    const next: RoutingConfiguration = { ...empty };
    const aged = cache.current();
    loads[1]?.resolve(next);
    expect(await aged).toBe(next);
    expect(loads).toHaveLength(2);
  });

  test('keeps serving while the database fails, says so, and does not hammer it', async () => {
    const { cache, clock, loads, logged } = aCache();
    const first = cache.current();
    loads[0]?.resolve(empty);
    await first;
    clock.advance(1000);
    const during = cache.current();
    loads[1]?.reject(new Error('connection refused'));
    expect(await during).toBe(empty);
    expect(logged).toEqual(['routing configuration not reloaded, the last one keeps serving']);
    clock.advance(999);
    expect(await cache.current()).toBe(empty);
    expect(loads).toHaveLength(2);
    clock.advance(1);
    const after = cache.current();
    expect(loads).toHaveLength(3);
    loads[2]?.resolve(empty);
    await after;
  });

  test('fails when nothing was ever loaded, and tries again at once', async () => {
    const { cache, loads } = aCache();
    const first = cache.current();
    loads[0]?.reject(new Error('connection refused'));
    await expect(first).rejects.toThrow('connection refused');
    const second = cache.current();
    loads[1]?.resolve(empty);
    expect(await second).toBe(empty);
  });

  test('a load begun before an invalidation does not hide the change', async () => {
    const { cache, loads } = aCache();
    const before = cache.current();
    cache.invalidate();
    const after = cache.current();
    expect(loads).toHaveLength(2);
    const changed: RoutingConfiguration = { ...empty };
    loads[1]?.resolve(changed);
    expect(await after).toBe(changed);
    loads[0]?.resolve(empty);
    await before;
    expect(await cache.current()).toBe(changed);
  });
});

test('a database in another time zone reads the same hours', async () => {
  await undone(async (db) => {
    await db.execute(sql`set local timezone to 'Pacific/Auckland'`);
    const [line] = (await loadConfiguration(db)).hotlines;
    if (!line) throw new Error('no line');
    expect(openingAt(line.schedule, new Date('2026-05-01T19:59:59+02:00')).state).toBe('open');
    expect(openingAt(line.schedule, new Date('2026-05-01T20:00:00+02:00')).state).toBe('closed');
  });
});
