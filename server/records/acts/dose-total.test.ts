import { eq } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aPatient, firstDose, fitConsultation, recordsCaller } from '#server/testing/acts.ts';
import { formToken, sentence } from '#server/testing/page-visitor.ts';
import { type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { vaccineGtins } from '../rules/rules.table.ts';
import { injections } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);
const gtins = { comirnaty: '03400930000120', jcovden: '05413868120110' } as const;
let doctor: SignedInProfessional;
beforeAll(async () => {
  doctor = await signedInProfessional(server);
  const boxes = Object.entries(gtins).map(([vaccine, gtin]) => ({ vaccine, gtin }));
  await database.db.insert(vaccineGtins).values(boxes);
});
// What was given here today is pre-filled: each test begins a day of its own.
beforeEach(async () => {
  await database.db.delete(injections);
});

const aFile = async () => (await aPatient(database.db, doctor.professional)).id;
const address = (patientId: string) => `/dossiers/${patientId}/injection`;
const get = async (url: string) =>
  (await server.app.inject({ url, headers: { cookie: doctor.cookie, accept: 'text/html' } })).body;

/** Sends the form as it was first shown, with what is typed over it. */
async function send(patientId: string, typed: Readonly<Record<string, string>>) {
  const shown = {
    ...{
      date: '2026-11-23',
      time: '09:00',
      zone: 'Europe/Paris',
      placeKind: 'practice',
      route: 'intramuscular',
    },
    ...{ lot: 'FE1', doseRank: '1', doseTotal: '', performedBy: doctor.professional.nationalIdentifier },
    ...{ step: 'check', token: formToken(await get(address(patientId))) },
  };
  return server.app.inject({
    method: 'POST',
    url: address(patientId),
    headers: {
      cookie: doctor.cookie,
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ ...shown, ...typed }).toString(),
  });
}
const hidden = (page: string, name: string) =>
  new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(page)?.[1];

describe('the total of a first dose', () => {
  it.each([
    ['comirnaty', '2'],
    ['jcovden', '1'],
  ] as const)('of %s chosen is the rules’ %s, told as theirs', async (vaccine, total) => {
    const patientId = await aFile();
    expect(await get(address(patientId))).not.toMatch(/id="doseTotal"[^>]*value="\d/);
    const { statusCode, body } = await send(patientId, { vaccine });
    expect(statusCode).toBe(200);
    expect(hidden(body, 'doseTotal')).toBe(total);
    expect(body).toContain(
      `1/${total} <span class="muted">${sentence('records-acts.total_sources.dose_rules')}`,
    );
  });

  it('of what was scanned comes with it, also in the place of one drafted for another vaccine', async () => {
    const patientId = await aFile();
    const scan = `01${gtins.jcovden}1727093010SCAN77`;
    expect(hidden((await send(patientId, { scan })).body, 'doseTotal')).toBe('1');
    const drafted = { vaccine: 'comirnaty', doseTotal: '2', scan };
    expect(hidden((await send(patientId, drafted)).body, 'doseTotal')).toBe('1');
  });

  it('stands when it was typed', async () => {
    const scan = `01${gtins.jcovden}1727093010SCAN77`;
    expect(
      hidden((await send(await aFile(), { vaccine: 'comirnaty', doseTotal: '3' })).body, 'doseTotal'),
    ).toBe('3');
    const typed = { vaccine: 'comirnaty', doseTotal: '3', scan };
    expect(hidden((await send(await aFile(), typed)).body, 'doseTotal')).toBe('3');
  });

  it('is filled in, with where it comes from, when the form comes back for something else', async () => {
    const { statusCode, body } = await send(await aFile(), { vaccine: 'comirnaty', route: '' });
    expect(statusCode).toBe(422);
    expect(hidden(body, 'doseTotal')).toBe('2');
    const field = body.slice(body.indexOf('for="doseTotal"'), body.indexOf('id="doseTotal"'));
    expect(field).toContain(sentence('records-acts.sources.dose_rules'));
  });

  it('is one after an infection', async () => {
    const patientId = await aFile();
    await recordsCaller(server, doctor)('POST', `patients/${patientId}/consultations`, {
      ...fitConsultation,
      questionnaire: { pastInfection: true, pastInfectionDate: '2026-01-10' },
    });
    expect(hidden((await send(patientId, { vaccine: 'comirnaty' })).body, 'doseTotal')).toBe('1');
  });

  it('of a further dose is that of the last, of one day that of the higher rank, whichever was entered first', async () => {
    const call = recordsCaller(server, doctor);
    const doses = [
      { doseRank: 1, doseTotal: 2 },
      { doseRank: 2, doseTotal: 3 },
    ];
    for (const entered of [doses, doses.toReversed()]) {
      const patientId = await aFile();
      for (const dose of entered) {
        const { status } = await call('POST', `patients/${patientId}/injections`, {
          ...firstDose,
          ...{ ...dose, occurredAt: '2026-10-01T10:00:00+02:00' },
          ...{ notADuplicate: true, overrideReason: 'Deux doses vues au carnet' },
        });
        expect(status).toBe(201);
      }
      const { body } = await send(patientId, { vaccine: 'comirnaty', doseRank: '3' });
      expect(hidden(body, 'doseTotal')).toBe('3');
    }
  });

  it('is asked for when no rule says', async () => {
    const { statusCode, body } = await send(await aFile(), { vaccine: 'nuvaxovid' });
    expect(statusCode).toBe(422);
    expect(body).toContain('id="doseTotal-error"');
  });

  it('is given to programs too, once they name the vaccine', async () => {
    const call = recordsCaller(server, doctor);
    const patientId = await aFile();
    const fieldsOf = async (query: string) =>
      (await call('GET', `patients/${patientId}/draft?step=injection${query}`)).body.fields;
    expect(await fieldsOf('')).not.toHaveProperty('doseTotal');
    expect(await fieldsOf('&vaccine=comirnaty')).toMatchObject({
      doseTotal: { value: 2, from: 'dose_rules' },
    });
    expect(await fieldsOf('&vaccine=jcovden')).toMatchObject({ doseTotal: { value: 1, from: 'dose_rules' } });
    await call('POST', `patients/${patientId}/injections`, { ...firstDose, doseTotal: 3 });
    expect(await fieldsOf('&vaccine=jcovden')).toMatchObject({
      doseTotal: { value: 3, from: 'earlier_doses' },
    });
  });
});

describe('a lot that had expired', () => {
  it('is recorded with a reason, which the form asks for there', async () => {
    const patientId = await aFile();
    const typed = { vaccine: 'comirnaty', lotExpiry: '2026-11-01' };
    const refused = await send(patientId, typed);
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('id="overrideReason"');
    const given = { ...typed, overrideReason: 'Boîte prolongée par le fabricant', doseTotal: '2' };
    expect((await send(patientId, given)).statusCode).toBe(200);
    expect((await send(patientId, { ...given, step: 'confirm' })).statusCode).toBe(303);
    const [stored] = await database.db.select().from(injections).where(eq(injections.patientId, patientId));
    expect(stored?.overrideReason).toBe('Boîte prolongée par le fabricant');
  });
});
