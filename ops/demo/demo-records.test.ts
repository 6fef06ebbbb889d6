import { expect, it } from 'vitest';
import { delegations, injections, patients, professionals } from '#server/database/schema.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { demoPatients, loadDemoRecords } from './demo-records.ts';

const database = testDatabase();

it('the demo’s patients go on being recorded after a start that was cut short, and once', async () => {
  const clock = testClock();
  const deps = testDependencies(database, clock);
  let left = 9;
  const dying = {
    ...deps,
    clock: {
      now() {
        if (left-- === 0) throw new Error('killed');
        return clock.now();
      },
    },
  };
  await expect(loadDemoRecords(dying)).rejects.toThrow('killed');
  const begun = await database.db.$count(patients);
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThan(demoPatients.length);

  for (let start = 0; start < 2; start += 1) {
    await loadDemoRecords(deps);
    expect(await database.db.$count(patients)).toBe(demoPatients.length);
    expect(await database.db.$count(injections)).toBe(demoPatients.flatMap(({ doses }) => doses).length);
    expect(await database.db.$count(professionals)).toBe(1);
    expect(await database.db.$count(delegations)).toBe(1);
    clock.advance(86_400_000);
  }
});
