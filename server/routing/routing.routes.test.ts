import { beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const server = testApp(testDatabase());

/** Spaces that do not break are a matter of typography; compared as spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

async function get(url: string, language = 'fr') {
  const response = await server.app.inject({ method: 'GET', url, headers: { 'accept-language': language } });
  return { status: response.statusCode, type: response.headers['content-type'], body: response.json() };
}

async function decide(body: object, language = 'fr') {
  const response = await server.app.inject({
    method: 'POST',
    url: '/api/routing/decision',
    headers: { 'accept-language': language },
    payload: body,
  });
  return { status: response.statusCode, body: response.json() };
}

beforeEach(() => server.clock.set('2026-11-23T10:00:00+01:00'));

describe('GET /api/hotlines', () => {
  test('gives both lines with their number, price, hours and whom they serve', async () => {
    const { status, body } = await get('/api/hotlines');
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        id: 'etablissements',
        name: 'Établissements, centres de vaccination et professionnels salariés',
        phone: '0 800 08 12 07',
        phoneLink: 'tel:0800081207',
        cost: 'Service et appel gratuits',
        serves: ['establishment', 'vaccination_centre', 'S'],
        servesText: ['établissements', 'centres de vaccination', 'professionnels salariés'],
        opening: {
          state: 'open',
          closesAt: '2026-11-23T20:00:00+01:00',
          reason: 'La ligne est ouverte à cette heure.',
          reasonCode: 'regular_hours',
          text: 'Ouvert jusqu’à 20\u00a0h\u00a000',
          zone: 'Europe/Paris',
        },
      },
      {
        id: 'liberaux',
        name: 'Assurance Maladie, professionnels libéraux',
        phone: '3608',
        phoneLink: 'tel:3608',
        cost: 'Service gratuit + prix d’un appel',
        serves: ['L'],
        servesText: ['professionnels libéraux'],
        opening: {
          state: 'unknown',
          reason: expect.stringContaining('Nous ne pouvons pas dire'),
          reasonCode: 'hours_unknown',
          text: 'Horaires non communiqués',
          zone: 'Europe/Paris',
        },
      },
    ]);
  });

  test('speaks English', async () => {
    const { body } = await get('/api/hotlines', 'en-GB,en;q=0.9');
    expect(body[1]).toMatchObject({
      name: 'Assurance Maladie, independent professionals',
      cost: 'Free service + price of a call',
      opening: { text: 'Hours not known' },
    });
  });

  test('follows the clock', async () => {
    server.clock.set('2026-11-23T20:00:00+01:00');
    const { body } = await get('/api/hotlines');
    expect(body[0].opening).toMatchObject({ state: 'closed', opensAt: '2026-11-24T09:00:00+01:00' });
  });
});

describe('GET /api/hotlines/{id}/opening', () => {
  test.each([
    ['2026-03-29T19:59:59+02:00', 'open'],
    ['2026-03-29T20:00:00+02:00', 'closed'],
    ['2026-10-25T07:59:59Z', 'closed'],
    ['2026-10-25T08:00:00Z', 'open'],
    ['2026-05-01T10:00:00+02:00', 'open'],
  ])('at %s is %s', async (at, state) => {
    const { status, body } = await get(`/api/hotlines/etablissements/opening?at=${encodeURIComponent(at)}`);
    expect(status).toBe(200);
    expect(body.state).toBe(state);
  });

  test('reads a "+" that was not encoded', async () => {
    const { body } = await get('/api/hotlines/etablissements/opening?at=2026-11-23T19:00:00+01:00');
    expect(body).toMatchObject({ state: 'open', closesAt: '2026-11-23T20:00:00+01:00' });
  });

  test('tells the hours on the caller’s clock too', async () => {
    const { body } = await get(
      '/api/hotlines/etablissements/opening?at=2026-11-23T20:00:00%2B01:00&zone=indian/reunion',
    );
    expect(body).toMatchObject({
      state: 'closed',
      opensAt: '2026-11-24T09:00:00+01:00',
      zone: 'Europe/Paris',
      caller: { zone: 'Indian/Reunion', opensAt: '2026-11-24T12:00:00+04:00' },
    });
    // At 23:00 in La Réunion, the next morning of Paris is tomorrow there too.
    expect(plain(body.text)).toBe(
      'Fermé — ouvre demain à 9 h 00, heure de Paris (demain à 12 h 00, heure de La Réunion)',
    );
  });

  test('of a line without hours claims nothing', async () => {
    const { body } = await get('/api/hotlines/liberaux/opening?zone=Pacific/Noumea');
    expect(body).toMatchObject({ state: 'unknown', caller: { zone: 'Pacific/Noumea' } });
    expect(body).not.toHaveProperty('opensAt');
    expect(body).not.toHaveProperty('closesAt');
  });

  test.each([
    ['at=yesterday', '/querystring/at', /Cette date n’est pas lisible/],
    ['at=2026-11-23T10:00:00', '/querystring/at', /décalage/],
    ['at=2026-02-30T10:00:00Z', '/querystring/at', /Cette date n’est pas lisible/],
    ['at=9999-01-01T10:00:00Z', '/querystring/at', /entre 2000 et 2100/],
    ['at=', '/querystring/at', /Cette date n’est pas lisible/],
    ['zone=Europe/Lutece', '/querystring/zone', /Ce fuseau horaire n’existe pas/],
    ['zone=', '/querystring/zone', /Ce fuseau horaire n’existe pas/],
    ['zone=%2B04:00', '/querystring/zone', /Ce fuseau horaire n’existe pas/],
    [`zone=${'a'.repeat(65)}`, '/querystring/zone', /trop long/],
    ['when=now', '/querystring/when', /n’est pas attendu/],
  ])('refuses %s and names the field', async (query, path, message) => {
    const { status, type, body } = await get(`/api/hotlines/etablissements/opening?${query}`);
    expect(status).toBe(400);
    expect(type).toContain('application/problem+json');
    expect(body.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('refuses in English, both fields at once', async () => {
    const { body } = await get('/api/hotlines/etablissements/opening?at=x&zone=y', 'en');
    expect(body.errors.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringContaining('This date cannot be read'),
      expect.stringContaining('This time zone does not exist'),
    ]);
  });

  test('knows only its own lines', async () => {
    for (const id of ['nobody', "etablissements'--", '%F0%9F%98%80']) {
      expect((await get(`/api/hotlines/${id}/opening`)).status).toBe(404);
    }
  });
});

describe('POST /api/routing/decision', () => {
  test('gives the hotline, the reason and the opening', async () => {
    expect(await decide({ practitioner: { profession: '60', mode: 'S' } })).toEqual({
      status: 200,
      body: {
        hotline: 'etablissements',
        reason: expect.stringContaining('comme salarié'),
        reasonCode: 'mode',
        opening: expect.objectContaining({ state: 'open', closesAt: '2026-11-23T20:00:00+01:00' }),
      },
    });
    expect((await decide({ practitioner: { mode: 'L' } })).body).toMatchObject({
      hotline: 'liberaux',
      opening: { state: 'unknown' },
    });
    expect((await decide({ practitioner: { mode: 'L', setting: 'vaccination_centre' } })).body).toMatchObject(
      {
        hotline: 'etablissements',
        reasonCode: 'place',
      },
    );
  });

  test('asks when it cannot know', async () => {
    expect((await decide({ practitioner: { activities: [{ mode: 'L' }, { mode: 'S' }] } })).body).toEqual({
      hotline: null,
      reason: expect.stringContaining('plusieurs activités'),
      reasonCode: 'several_activities',
      needs: ['activity'],
      questions: [{ id: 'activity', text: expect.stringContaining('Pour quelle activité') }],
      opening: null,
    });
    expect((await decide({ practitioner: {} }, 'en')).body).toMatchObject({
      hotline: null,
      reason: expect.stringContaining('tell us which place'),
      needs: ['setting', 'mode'],
    });
  });

  test('says that the notice does not name a volunteer elsewhere', async () => {
    expect((await decide({ practitioner: { mode: 'B', setting: 'other' } })).body).toMatchObject({
      hotline: 'etablissements',
      reason: expect.stringContaining('La notice de Vaccin Covid n’indique pas de ligne'),
      reasonCode: 'not_named',
    });
  });

  test('takes the instant given', async () => {
    const practitioner = { setting: 'establishment' };
    const { body } = await decide({ practitioner, at: '2026-12-25T20:00:00+01:00' });
    expect(body.opening).toMatchObject({ state: 'closed', opensAt: '2026-12-26T09:00:00+01:00' });
  });

  test('accepts a number with a wrong key, and says so', async () => {
    const practitioner = { mode: 'L', rpps: '810003456785', finess: '750712185' };
    expect((await decide({ practitioner })).body).toMatchObject({
      hotline: 'liberaux',
      warnings: [
        { path: '/practitioner/rpps', message: expect.stringContaining('faute de frappe') },
        { path: '/practitioner/finess', message: expect.stringContaining('faute de frappe') },
      ],
    });
    const right = { mode: 'L', rpps: '8 10003456786', finess: '2A0000014' };
    expect((await decide({ practitioner: right })).body).not.toHaveProperty('warnings');
    expect((await decide({ practitioner: { mode: 'L', rpps: ' ', finess: '' } })).status).toBe(200);
  });

  test.each([
    ['an RPPS number too short', { practitioner: { rpps: '1000345678' } }, '/practitioner/rpps'],
    ['a FINESS number that is none', { practitioner: { finess: 'A50712184' } }, '/practitioner/finess'],
    ['an instant without offset', { practitioner: {}, at: '2026-11-23T10:00:00' }, '/at'],
    ['an unknown mode', { practitioner: { mode: 'X' } }, '/practitioner/mode'],
    ['an unknown setting', { practitioner: { setting: 'hospital' } }, '/practitioner/setting'],
    ['a profession in words', { practitioner: { profession: '<script>' } }, '/practitioner/profession'],
    ['an unknown field', { practitioner: { nir: '295109912611193' } }, '/practitioner/nir'],
    ['an activity without a mode', { practitioner: { activities: [{}] } }, '/practitioner/activities/0/mode'],
    ['no practitioner', {}, '/practitioner'],
    ['a NUL', { practitioner: { rpps: '1000345678\0' } }, '/practitioner/rpps'],
  ])('refuses %s and names the field', async (_, body, path) => {
    const refused = await decide(body);
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([{ path, message: expect.stringMatching(/\.$/) }]);
  });
});
