import { describe, expect, it } from 'vitest';
import { createAgent } from '#server/agents/create-agent.ts';
import { signIn } from '#server/agents/sign-in.ts';
import { agents, callbacks, caseEvents, cases } from '#server/database/schema.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { demoAgents, demoPassword } from './demo-agents.ts';
import { demoCases } from './demo-cases.ts';
import { loadDemoData } from './load-demo-data.ts';

describe('the demo data', () => {
  const database = testDatabase();

  it('goes on after it was cut short, and is loaded once', async () => {
    const clock = testClock();
    const deps = testDependencies(database, clock);
    let left = 3;
    const dying = {
      ...deps,
      routing: {
        ...deps.routing,
        current: () => {
          if (left-- === 0) throw new Error('killed');
          return deps.routing.current();
        },
      },
    };
    await expect(loadDemoData(dying)).rejects.toThrow('killed');
    expect(await database.db.$count(cases)).toBe(3);

    expect(await loadDemoData(deps)).toBe(true);
    clock.advance(86_400_000);
    expect(await loadDemoData(deps)).toBe(true);
    expect(await database.db.$count(cases)).toBe(demoCases.length);
    expect(await database.db.$count(agents)).toBe(demoAgents.length);
  });

  it('shows both hotlines, both languages and every state that has something to show', async () => {
    const rows = await database.db.select().from(cases);
    const different = (name: keyof (typeof rows)[number]) => new Set(rows.map((row) => row[name]));
    expect(different('hotlineId')).toEqual(new Set(['etablissements', 'liberaux']));
    expect(different('language')).toEqual(new Set(['fr', 'en']));
    expect(different('state')).toEqual(new Set(['waiting', 'in_progress', 'pending', 'resolved']));
    expect(different('rppsDoubtful')).toEqual(new Set([true, false]));
    for (const hotline of different('hotlineId')) {
      const waiting = rows.filter((row) => row.hotlineId === hotline && row.state === 'waiting');
      expect(waiting.length, `waiting at ${hotline}`).toBeGreaterThanOrEqual(2);
    }
  });

  it('has calls to make today: one that is late or due, one later', async () => {
    const now = testClock().now().getTime();
    const booked = await database.db.select().from(callbacks);
    const inMinutes = booked.map(({ startsAt }) => (startsAt.getTime() - now) / 60_000);
    expect(inMinutes.map((minutes) => minutes > 5)).toEqual([false, true]);
    expect(Math.max(...inMinutes)).toBeLessThan(12 * 60);
  });

  it('lies in the past, in the order in which it is written', async () => {
    const now = testClock().now().getTime();
    for (const { at } of await database.db.select().from(caseEvents)) {
      expect(at.getTime()).toBeLessThan(now);
    }
    for (const { minutesAgo, steps } of demoCases) {
      const moments = [minutesAgo, ...steps.map((step) => step.minutesAgo)];
      expect(moments).toEqual(moments.toSorted((a, b) => b - a));
    }
    const begun = demoCases.map(({ minutesAgo }) => minutesAgo);
    expect(begun).toEqual(begun.toSorted((a, b) => b - a));
  });

  it('lets every account sign in and take cases', async () => {
    for (const { email } of demoAgents) {
      await expect(
        signIn(database.db, { email, password: demoPassword }, testClock().now()),
      ).resolves.toBeTruthy();
    }
    const presences = await database.db.select({ presence: agents.presence }).from(agents);
    expect(new Set(presences.map(({ presence }) => presence))).toEqual(new Set(['available']));
  });
});

describe('a database with agents of its own', () => {
  const database = testDatabase();

  it('is left as it is', async () => {
    const agent = {
      email: 'claire@example.fr',
      name: 'Claire',
      password: 'a password of hers',
      hotlines: [],
    };
    await createAgent(database.db, agent, testClock().now());
    expect(await loadDemoData(testDependencies(database))).toBe(false);
    expect(await database.db.$count(agents)).toBe(1);
    expect(await database.db.$count(cases)).toBe(0);
  });
});
