import { eq, sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { openSession } from '#server/agents/agent-sessions.ts';
import { agents, type Presence } from '#server/agents/agents.table.ts';
import { cases } from '#server/cases/cases.table.ts';
import { anIncident, aSupervisor } from '#server/incidents/testing/builders.ts';
import { openMailTransport } from '#server/mail/transport.ts';
import { keepForm } from '#server/records/kept-forms/keep-form.ts';
import { keptForms } from '#server/records/kept-forms/kept-forms.table.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { aProfessional } from '#server/testing/professionals.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { sweep } from './sweep.ts';

const database = testDatabase();
const clock = testClock();
const minute = 60_000;

beforeEach(async () => {
  await database.db.update(agents).set({ presence: 'away' });
});

/** Runs the job, and counts its rings. */
async function swept(): Promise<number> {
  const deps = testDependencies(database, clock);
  const mail = openMailTransport(deps.config);
  let rings = 0;
  deps.doorbell.onRing(() => {
    rings += 1;
  });
  await sweep({ ...deps, mail });
  await mail.close();
  await deps.doorbell.close();
  return rings;
}

/** An agent who did not sign out, last seen and signed in that long ago. */
async function anAgentSeen(presence: Presence, ...minutesAgo: readonly number[]): Promise<string> {
  const { id } = await anAgent(database.db, { presence });
  for (const minutes of minutesAgo) {
    await openSession(database.db, id, new Date(clock.now().getTime() - minutes * minute));
  }
  return id;
}

const presenceOf = async (id: string) =>
  (await database.db.select().from(agents).where(eq(agents.id, id)))[0];

test.each([
  ['without any session', 'available', []],
  ['whose session is an hour old', 'available', [60]],
  ['whose sessions are all over', 'wrap_up', [60, 13 * 60]],
] as const)('an agent %s is away, once, and the desks hear of it', async (_, presence, seen) => {
  const id = await anAgentSeen(presence, ...seen);
  expect(await swept()).toBe(1);
  expect(await presenceOf(id)).toMatchObject({ presence: 'away', presenceSince: clock.now() });
  expect(await swept()).toBe(0);
});

test('an agent with a session that holds stays as they said', async () => {
  const ids = [await anAgentSeen('available', 59), await anAgentSeen('wrap_up', 13 * 60, 5)];
  expect(await swept()).toBe(0);
  const presences = await Promise.all(ids.map(presenceOf));
  expect(presences.map((agent) => agent?.presence)).toEqual(['available', 'wrap_up']);
});

test('a part that fails is told, and keeps no other from its work', async () => {
  const id = await anAgentSeen('available', 60);
  const incident = await anIncident(database.db, { agent: await aSupervisor(database.db) }, clock.now());
  const waiting = await aCase(database.db);
  await database.db.execute(sql`alter table follow_ups rename to follow_ups_away`);
  await expect(swept()).rejects.toThrow(/follow_ups/);
  await database.db.execute(sql`alter table follow_ups_away rename to follow_ups`);
  expect(await presenceOf(id)).toMatchObject({ presence: 'away' });
  const [linked] = await database.db.select().from(cases).where(eq(cases.id, waiting.id));
  expect(linked?.incidentId).toBe(incident.id);
});

test('forms that nobody came back for are erased', async () => {
  const { id: professionalId } = await aProfessional(database.db);
  const vault = nirVault(testDependencies(database, clock).config.records);
  const form = { path: '/dossiers', body: 'family=Moreau' };
  await keepForm(database.db, vault, { professionalId, form }, clock.now());
  await swept();
  expect(await database.db.$count(keptForms)).toBe(1);
  clock.advance(26 * minute);
  await swept();
  expect(await database.db.$count(keptForms)).toBe(0);
});
