import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { testDatabase } from '../testing/test-database.ts';
import { wizardSessions } from '../wizard/wizard.table.ts';
import { closeIncident } from './close-incident.ts';
import { countSymptoms } from './count-symptoms.ts';
import { dismissSuggestion } from './dismiss-suggestion.ts';
import { eraseAddresses } from './erase-addresses.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidentSubscriptions, incidentSuggestions, symptomCounts } from './incidents.table.ts';
import { planNotices } from './plan-notices.ts';
import { suggestIncidents } from './suggest-incidents.ts';
import { anIncident, aSupervisor, aWish } from './testing/builders.ts';

const database = testDatabase();
const dayMs = 24 * 60 * 60_000;
const now = new Date('2026-11-23T10:40:00+01:00');

/** People who came to an SMS code that does not arrive, each begun a while before `until`. */
async function people(count: number, until: Date, spreadMs: number) {
  const rows = Array.from({ length: count }, (_, place) => {
    const at = new Date(until.getTime() - 1 - Math.floor((place * spreadMs) / count));
    return {
      id: randomUUID(),
      language: 'fr' as const,
      flow: 'connection',
      flowVersion: 1,
      answers: ['way/ecps', 'problem/codes', 'code_missing/sms'].map((given) => {
        const [node = '', answer = ''] = given.split('/');
        return { node, answer };
      }),
      createdAt: at,
      updatedAt: at,
    };
  });
  await database.db.insert(wizardSessions).values(rows);
}

test('a rise is suggested once, follows what happens, stays dismissed while it lasts, and may come again', async () => {
  const { db } = database;
  const supervisor = await aSupervisor(db);
  for (let back = 1; back <= 7; back += 1) await people(4, new Date(now.getTime() - back * dayMs), 3_600_000);
  await people(48, now, 3_600_000);
  await countSymptoms(db, now);
  const counted = await db.select().from(symptomCounts);
  await countSymptoms(db, now);
  expect(await db.select().from(symptomCounts)).toHaveLength(counted.length);
  expect(counted.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(48 + 7 * 4);

  expect(await Promise.all([suggestIncidents(db, now), suggestIncidents(db, now)])).toContain(true);
  const [raised, ...others] = await db.select().from(incidentSuggestions);
  expect(others).toEqual([]);
  expect(raised).toMatchObject({
    fact: 'symptom',
    value: 'code_sms',
    since: new Date('2026-11-23T09:40:00+01:00'),
    count: 48,
    usual: 4,
  });

  await dismissSuggestion(db, { agent: supervisor, id: raised?.id ?? 0 }, now);
  const soon = new Date(now.getTime() + 10 * 60_000);
  await people(20, soon, 600_000);
  await countSymptoms(db, soon);
  await suggestIncidents(db, soon);
  expect(await db.$count(incidentSuggestions)).toBe(1);

  const evening = new Date(now.getTime() + 8 * 3_600_000);
  expect(await suggestIncidents(db, evening)).toBe(true);
  expect((await db.select().from(incidentSuggestions))[0]?.endedAt).toEqual(evening);
  await people(40, evening, 1_800_000);
  await countSymptoms(db, evening);
  // Declared meanwhile, it is no suggestion any more.
  const { id } = await anIncident(db, { agent: supervisor, symptoms: ['code_sms'] });
  await suggestIncidents(db, evening);
  expect(await db.$count(incidentSuggestions)).toBe(1);
  await closeIncident(db, { agent: supervisor, id }, evening);
  await suggestIncidents(db, evening);
  expect(await db.$count(incidentSuggestions)).toBe(2);
});

test('addresses are erased some days after the end, how many they were stays known', async () => {
  const { db } = database;
  const agent = await aSupervisor(db);
  const { id } = await anIncident(db, { agent });
  const { id: open } = await anIncident(db, { agent });
  await aWish(db, id, 'a@exemple.test');
  await aWish(db, open, 'a@exemple.test');
  await closeIncident(db, { agent, id }, now);
  await planNotices(db, id, now);
  await db.update(incidentNotices).set({ state: 'sent' });
  const erase = (days: number) =>
    eraseAddresses(db, { days: 7, now: new Date(now.getTime() + days * dayMs) });
  expect((await erase(6.9)).addresses).toBe(0);
  expect((await erase(7.1)).addresses).toBe(2);
  expect((await erase(7.1)).addresses).toBe(0);
  const left = await db.select().from(incidentSubscriptions);
  expect(left.map(({ incidentId, email }) => [incidentId, email])).toEqual(
    expect.arrayContaining([
      [id, null],
      [open, 'a@exemple.test'],
    ]),
  );
});
