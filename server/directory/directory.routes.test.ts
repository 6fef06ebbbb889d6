import { beforeAll, describe, expect, it } from 'vitest';
import { sampleExtract } from '#ops/directory/sample-extract.ts';
import { samplePeople } from '#ops/directory/sample-people.ts';
import { anAgent, signedIn } from '../testing/builders.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { lookUpsAllowed } from './directory-limits.ts';
import { importDirectory } from './import-directory.ts';
import { aRow, lineOf, testFolder } from './testing/an-extract.ts';

const database = testDatabase();
const folder = testFolder();
const test = testApp(database);

const unknownRpps = '10999999992';
let caller = 0;

/** By default each call from an address of its own. */
async function get(path: string, headers: Readonly<Record<string, string>> = {}, remoteAddress?: string) {
  caller += 1;
  const answer = await test.app.inject({
    url: path,
    headers,
    remoteAddress: remoteAddress ?? `10.1.${caller >> 8}.${caller & 255}`,
  });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

const lookUp = (number: string) => get(`/api/directory/${number}`);
const numberOf = (person: keyof typeof samplePeople) => samplePeople[person].number;

beforeAll(async () => {
  const odd = [
    aRow({ 'Identifiant PP': '10000000414', "Nom d'exercice": 'CLÉFAUSSE' }),
    aRow({ 'Identifiant PP': '10000000504', "Nom d'exercice": 'DOUBLE' }),
    aRow({
      'Identifiant PP': '10000000504',
      "Nom d'exercice": 'DOUBLE',
      'Code profession': '70',
      "Autorité d'enregistrement": 'CNOMK',
    }),
  ];
  const text = [...sampleExtract({ rows: 300 })].join('') + odd.map((row) => `${lineOf(row)}\n`).join('');
  const file = folder.write('sample.txt', text);
  const outcome = await importDirectory(database.url, { file, force: false, clock: test.clock });
  expect(outcome.kind).toBe('imported');
});

describe('GET /api/directory/{rpps}', () => {
  it('says what is known of a professional, as routing takes it', async () => {
    const { status, body } = await lookUp(numberOf('hospitalDoctor'));
    expect(status).toBe(200);
    expect(body).toEqual({
      rpps: numberOf('hospitalDoctor'),
      professions: [{ code: '10', label: 'Médecin', inTraining: false }],
      activities: [{ mode: 'S', sector: 'SA01', finess: expect.stringMatching(/^[0-9][0-9AB][0-9]{7}$/) }],
      registrationAuthority: 'cnom',
      warnings: [],
    });
    const decision = await test.app.inject({
      method: 'POST',
      url: '/api/routing/decision',
      payload: { practitioner: { activities: body.activities } },
    });
    expect(decision.json()).toMatchObject({ hotline: 'etablissements' });
  });

  it('gives neither name nor contact details', async () => {
    const { body } = await lookUp(numberOf('hospitalDoctor'));
    expect(JSON.stringify(body)).not.toMatch(/BERNARD|Camille|0199|exemple\.test|CENTRE/);
  });

  it('takes the national identifier, spaces, and ADELI numbers', async () => {
    const number = numberOf('independentNurse');
    const expected = (await lookUp(number)).body;
    expect((await lookUp(`8${number}`)).body).toEqual(expected);
    expect((await lookUp(encodeURIComponent(number.replace(/(...)/g, '$1 ')))).body).toEqual(expected);
    expect((await lookUp(numberOf('psychologist'))).body).toMatchObject({
      rpps: null,
      adeli: numberOf('psychologist'),
      professions: [{ code: '93' }],
      registrationAuthority: 'ars',
    });
  });

  it.each([
    ['doctorWithBoth', ['activity']],
    ['standInDoctor', ['setting', 'mode']],
    ['medicalStudent', ['setting', 'mode']],
  ] as const)('leaves open what must be asked: %s', async (person, needs) => {
    const { body } = await lookUp(numberOf(person));
    const decision = await test.app.inject({
      method: 'POST',
      url: '/api/routing/decision',
      payload: { practitioner: { activities: body.activities } },
    });
    expect(decision.json()).toMatchObject({ hotline: null, needs });
  });

  it('tells professions in training by their category, in the request’s language', async () => {
    const path = `/api/directory/${numberOf('intern')}`;
    expect((await get(path)).body.professions).toEqual([
      { code: '10', label: 'Médecin (en formation)', inTraining: true },
    ]);
    expect((await get(path, { 'accept-language': 'en' })).body.professions[0].label).toBe(
      'Doctor (in training)',
    );
    expect((await get(`${path}?lang=en`)).body.professions[0].label).toBe('Doctor (in training)');
  });

  it('names the authority of the armed forces, and of professions without Ordre', async () => {
    expect((await lookUp(numberOf('militaryDoctor'))).body.registrationAuthority).toBe('ssa');
    expect((await lookUp(numberOf('speechTherapist'))).body.registrationAuthority).toBe('ars');
  });

  it('warns of a key that fails, and of authorities that differ', async () => {
    const { body } = await lookUp('10000000414');
    expect(body.warnings).toEqual([{ path: '/rpps', message: expect.stringContaining('faute de frappe') }]);
    const both = (await lookUp('10000000504')).body;
    expect(both.registrationAuthority).toBeNull();
    expect(both.warnings.map(({ path }: { path: string }) => path)).toContain('/registrationAuthority');
  });

  it('has 404 for a number that is not in the directory', async () => {
    const { status, body, headers } = await lookUp(unknownRpps);
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ type: '/problems/not-in-directory', status: 404 });
  });

  it.each(['1', '1000000041', '910000000413', 'abc', '%00', '10000000413x', "1'or'1"])(
    'has 400 for what is no number: %s',
    async (typed) => {
      const { status, body } = await lookUp(typed);
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ path: '/params/rpps' }]);
    },
  );

  it('has 400 for parameters it does not know', async () => {
    expect((await get(`/api/directory/${unknownRpps}?contact=1`)).status).toBe(400);
  });
});

describe('running through numbers', () => {
  it('comes to an end after a few unknown ones, also for known ones, for that address alone', async () => {
    const address = '198.51.100.7';
    const statuses: number[] = [];
    for (let tried = 0; tried < lookUpsAllowed.missesAnHour + 3; tried++) {
      statuses.push((await get(`/api/directory/${unknownRpps}`, {}, address)).status);
    }
    expect(statuses.filter((status) => status === 404)).toHaveLength(lookUpsAllowed.missesAnHour);
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
    expect((await get(`/api/directory/${numberOf('pharmacist')}`, {}, address)).status).toBe(429);
    expect((await get(`/api/directory/${numberOf('pharmacist')}`, {}, '198.51.100.8')).status).toBe(200);
  });

  it('comes to an end for known ones too, long after a hospital has looked up its staff', async () => {
    const address = '198.51.100.9';
    const statuses: number[] = [];
    for (let tried = 0; tried <= lookUpsAllowed.anHour; tried++) {
      statuses.push((await get(`/api/directory/${numberOf('pharmacist')}`, {}, address)).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(lookUpsAllowed.anHour);
    expect(statuses.at(-1)).toBe(429);
  });

  it('is counted by network, not by address, in IPv6', async () => {
    const statuses: number[] = [];
    for (let tried = 0; tried <= lookUpsAllowed.missesAnHour; tried++) {
      statuses.push((await get(`/api/directory/${unknownRpps}`, {}, `2001:db8:1:2::${tried + 1}`)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('does not lock agents out of the same address', async () => {
    const address = '198.51.100.10';
    for (let tried = 0; tried <= lookUpsAllowed.missesAnHour; tried++) {
      await get(`/api/directory/${unknownRpps}`, {}, address);
    }
    const cookie = await signedIn(test, await anAgent(database.db));
    expect((await get(`/api/directory/${numberOf('pharmacist')}`, {}, address)).status).toBe(429);
    expect((await get(`/api/directory/${numberOf('pharmacist')}`, { cookie }, address)).status).toBe(200);
  });
});

describe('GET /api/directory', () => {
  let cookie = '';
  beforeAll(async () => {
    cookie = await signedIn(test, await anAgent(database.db));
  });
  const search = (name: string, department = '33') =>
    get(`/api/directory?name=${encodeURIComponent(name)}&department=${department}`, { cookie });

  it('is for agents', async () => {
    expect((await get('/api/directory?name=martin&department=33')).status).toBe(401);
  });

  it('finds people by the beginning of their name in a département', async () => {
    const { status, body } = await search('clé');
    expect(status).toBe(200);
    expect(body).toEqual({
      more: false,
      professionals: [
        {
          rpps: '10000000414',
          familyName: 'CLÉFAUSSE',
          givenName: 'Marie',
          department: '33',
          professions: [{ code: '60', label: 'Infirmier', inTraining: false }],
          modes: ['L'],
        },
      ],
    });
  });

  it.each([
    ['no name', 'department=33', '/querystring/name'],
    ['a name too short', 'name=m&department=33', '/querystring/name'],
    ['a name of signs', 'name=--%20--&department=33', '/querystring/name'],
    ['no département', 'name=martin', '/querystring/department'],
    ['what is no département', 'name=martin&department=Gironde', '/querystring/department'],
    ['another field', 'name=martin&department=33&rpps=1', '/querystring/rpps'],
  ])('has 400 for %s', async (_, parameters, path) => {
    const { status, body } = await get(`/api/directory?${parameters}`, { cookie });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ path }]);
  });
});

describe('GET /health/ready', () => {
  it('says which directory was imported, and when', async () => {
    const { body } = await get('/health/ready');
    expect(body.checks.directory).toMatch(
      /^Directory imported on 23 November 2026 at 10:00: \d+ professionals \(file sample\.txt\)\.$/,
    );
  });
});
