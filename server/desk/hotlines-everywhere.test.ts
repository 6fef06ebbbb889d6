import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { askForHelp } from '../cases/ask-for-help.ts';
import { cases } from '../cases/cases.table.ts';
import { followUpMail } from '../follow-ups/follow-up-mail.ts';
import { anAgent } from '../testing/builders.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { independentNurse, walkedSession } from '../testing/walked-session.ts';

const database = testDatabase();
const server = testApp(database);

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

/** What is said of 3608, by the place where it is said. */
async function saidOf3608() {
  const { session } = await walkedSession(database.db, independentNurse);
  const help = await askForHelp(server.deps, session.id, {
    contact: { name: 'Camille Durand', email: 'camille@exemple.test' },
    followUps: true,
  });
  const [about] = await database.db.select().from(cases).where(eq(cases.number, help.case.number));
  if (!about) throw new Error('no case');
  const page = async (url: string): Promise<string> => {
    const { body, headers } = await server.app.inject({ url, headers: { accept: 'text/html' } });
    return headers.location === undefined ? plain(body) : page(headers.location);
  };
  const configuration = await server.deps.routing.current();
  const { texts, views } = server.deps;
  const making = { texts, views, configuration, publicUrl: 'https://help.test' };
  const mail = followUpMail(
    { id: 1, kind: 'case_opened' },
    { ...about, contactEmail: 'camille@exemple.test' },
    undefined,
    server.clock.now(),
    making,
  );
  return {
    wizard: await page(`/diagnostic/${session.id}/demande/envoyee`),
    help: await page('/aide'),
    tracking: await page(`/suivi/${about.trackingToken}`),
    mail: plain(mail.text),
    api: plain((await server.app.inject({ url: '/api/hotlines?lang=fr' })).body),
  };
}

test('hours entered for 3608 are told by the wizard, the help, the follow-up, the mails and the API', async () => {
  server.clock.set('2026-11-23T10:00:00+01:00');
  for (const [place, said] of Object.entries(await saidOf3608())) {
    if (place === 'api') expect(said).toContain('"state":"unknown"');
    else expect(said, place).toContain('Horaires non communiqués');
  }

  const visitor = await deskVisitor(server, await anAgent(database.db, { role: 'supervisor' }));
  const form = '/desk/hotlines/liberaux/timetables/new';
  const week = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [`day-${day}`, '8:30-17:30']));
  const hours = { known: 'yes', holidays: 'closed', ...week, version: '0', do: 'save' };
  expect((await visitor.post(form, hours, form)).statusCode).toBe(303);

  for (const [at, words, state] of [
    ['2026-11-23T10:00:00+01:00', 'Ouvert jusqu’à 17 h 30', 'open'],
    ['2026-11-23T17:30:00+01:00', 'Fermé — ouvre demain à 8 h 30', 'closed'],
  ] as const) {
    server.clock.set(at);
    for (const [place, said] of Object.entries(await saidOf3608())) {
      if (place === 'api') expect(said).toMatch(new RegExp(`"id":"liberaux".*"state":"${state}"`));
      else expect(said, `${place} at ${at}`).toContain(words);
      expect(said, place).not.toContain('Horaires non communiqués');
    }
  }
});
