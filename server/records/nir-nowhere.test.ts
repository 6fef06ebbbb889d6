import { describe, expect, it } from 'vitest';
import { buildApp } from '#server/app.ts';
import { databaseAsText, logSink, nirLeaks } from '#server/testing/nir-leaks.ts';
import { aPatient, theNir } from '#server/testing/patients.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { holdsNir } from './patients/nir.ts';

const database = testDatabase();
const server = testApp(database);

/** Numbers of the mainland and of both Corsican départements. */
const nirs = ['295109912611193', '253072A07300443', '253072B07300470'].map(theNir);

/** How people and programs write one. */
const written: Readonly<Record<string, (nir: string) => string>> = {
  'in one piece': (nir) => nir,
  'in small letters': (nir) => nir.toLowerCase(),
  'in groups': (nir) => nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7'),
  'with dots': (nir) => nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1.$2.$3.$4.$5.$6.$7'),
  'with hyphens': (nir) => nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1-$2-$3-$4-$5-$6-$7'),
};
const spellings = nirs.flatMap((nir) =>
  Object.entries(written).map(([how, write]) => [how, write(nir)] as const),
);

describe('what looks like a NIR', () => {
  it.each(spellings)('is known %s: %s', (_, spelling) => {
    for (const text of [spelling, `/dossiers?nir=${encodeURIComponent(spelling)}`, `n° ${spelling}, oui`])
      expect(holdsNir(text)).toBe(true);
  });

  it.each([
    '/api/records/patients/12345678-1234-4123-8123-123456789012',
    '/api/hotlines/liberaux/opening?at=2026-11-23T10:00:00+01:00&zone=Europe/Paris',
    '/api/directory/10201627188?finess=750000011',
    '/dossiers?nir=295109912611199',
    '/api/cases?after=1795428000000',
  ])('is not any number: %s', (text) => expect(holdsNir(text)).toBe(false));
});

describe('a NIR put where it does not belong', () => {
  it('is refused by every call and page of the records, and repeated by none, nor by a log, nor stored', async () => {
    const sink = logSink();
    const app = await buildApp({ ...server.deps, log: sink.log });
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const description = (await app.inject('/openapi.json')).json();
    const targets: (readonly [string, string])[] = [
      ...Object.entries<Record<string, unknown>>(description.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
      ),
      ...[
        '',
        '/nouveau',
        '/{id}',
        '/{id}/modifier',
        '/{id}/reunir',
        '/{id}/acces',
        '/{id}/actes',
        '/{id}/documents',
      ]
        .concat(['/{id}/consultation', '/{id}/injection'])
        .map((path) => ['GET', `/dossiers${path}`] as const),
      ...['/dossiers', '/dossiers/{id}/modifier', '/dossiers/{id}/injection'].map(
        (path) => ['POST', path] as const,
      ),
    ].filter(([, path]) => /^\/(api\/records|api\/certificates|fhir|dossiers)/.test(path));
    expect(targets.length).toBeGreaterThan(60);

    const answers: Record<string, string> = {};
    const send = async (
      method: string,
      url: string,
      payload?: object,
      headers: Record<string, string> = {},
    ) => {
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: { cookie: doctor.cookie, ...headers },
        ...(payload && { payload }),
      });
      answers[`${method} ${url.replace(/[\d%].*/, '…')} ${response.statusCode}`] =
        `${response.body} ${response.headers.location ?? ''}`;
      return response.statusCode;
    };
    let turn = 0;
    for (const [method, pattern] of targets) {
      const own = pattern.replace('{id}', patient.id).replace(/\{\w+\}/g, patient.id);
      const spelling = spellings[turn++ % spellings.length]?.[1] ?? '';
      const typed = encodeURIComponent(spelling);
      expect(await send(method, `${own}?nir=${typed}`)).toBe(400);
      expect(
        await send(
          method,
          pattern.replace(/\{\w+\}/g, typed).concat(pattern.includes('{') ? '' : `/${typed}`),
        ),
      ).toBe(400);
      if (method === 'GET' || method === 'DELETE') continue;
      const wrong = {
        [spelling]: spelling,
        family: spelling,
        vaccine: spelling,
        reason: spelling,
        resourceType: spelling,
      };
      const status = await send(method, own, wrong, {
        'if-match': `"${spelling}"`,
        'idempotency-key': spelling,
      });
      expect(status, `${method} ${pattern}`).toBeGreaterThanOrEqual(400);
      expect(status, `${method} ${pattern}`).toBeLessThan(500);
    }
    await app.close();
    expect(nirLeaks(nirs, answers)).toEqual([]);
    expect(sink.text()).toContain('"route"');
    expect(nirLeaks(nirs, { log: sink.text() })).toEqual([]);
    expect(nirLeaks(nirs, await databaseAsText(database.db))).toEqual([]);
  });
});
