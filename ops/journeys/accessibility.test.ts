import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '#server/agents/create-agent.ts';
import { accessibilityFaults } from '#server/testing/browser.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { runningProduct } from './running-product.ts';
import { type Tour, takeTour } from './tour.ts';

const database = testDatabase();
const product = runningProduct(database);

describe('every page, light and dark, wide and narrow', () => {
  let tour: Tour;

  beforeAll(async () => {
    const { db } = product.deps;
    const email = 'sam@desk.test';
    const hotlines = ['etablissements', 'liberaux'];
    await createAgent(
      db,
      { email, name: 'Sam Petit', password: 'a-long-password', hotlines, role: 'supervisor' },
      product.clock.now(),
    );
    tour = await takeTour(product, { email, password: 'a-long-password' });
  });
  afterAll(async () => {
    await tour?.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      // Some sixty pages, each looked at by axe-core: slow on a loaded machine.
      test(`has no accessibility fault and does not scroll sideways: ${colorScheme}, ${width} px`, {
        timeout: 300_000,
      }, async () => {
        const faults: Record<string, unknown> = {};
        for (const stop of tour.stops) {
          const page = await tour.open(stop, { colorScheme, width });
          const found = await accessibilityFaults(page);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          if (found.length > 0 || overflow > 0) faults[stop.name] = { found, overflow };
          await page.close();
        }
        expect(faults).toEqual({});
        expect(tour.stops.length).toBeGreaterThan(55);
      });
    }
  }
});
