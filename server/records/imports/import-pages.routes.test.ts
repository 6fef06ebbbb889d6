import { describe, expect, it } from 'vitest';
import { kinds, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

const file =
  'id;nom;prenoms;date naissance;sexe;vaccin;lot;date injection;rang;total\n1;Évrard;Zoé;01/02/1971;F;Comirnaty;FE1;20/11/2026 10:00;1;2';

async function visitor() {
  const nurse = await signedInProfessional(server, kinds.hospitalNurse());
  const get = (url: string) =>
    server.app.inject({ url, headers: { cookie: nurse.cookie, accept: 'text/html' } });
  const post = (fields: Record<string, string>, content = file) =>
    server.app.inject({
      method: 'POST',
      url: '/dossiers/import',
      headers: {
        cookie: nurse.cookie,
        accept: 'text/html',
        'content-type': 'multipart/form-data; boundary=x',
      },
      payload: [
        ...Object.entries(fields).map(
          ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
        ),
        `--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--x--\r\n`,
      ].join(''),
    });
  const page = await get('/dossiers/import');
  return { get, post, page, token: /name="token" value="([^"]*)"/.exec(page.body)?.[1] ?? '' };
}

describe('the page to import a centre’s file', () => {
  it('proposes the structure acted for, and leads to the progress', async () => {
    const { get, post, page, token } = await visitor();
    expect(page.body).toContain('value="750000011"');
    const sent = await post({ token, centre: '750000011' });
    expect(sent.statusCode, sent.body).toBe(303);
    const progress = await get(String(sent.headers.location));
    expect(progress.headers.refresh).toBe('5');
    expect(progress.body).toContain('0 lignes traitées sur 1');
  });

  it.each([
    ['a stale token', { token: 'old', centre: 'C1' }, file, 403],
    ['no centre', { centre: '' }, file, 422],
    ['columns that are missing', { centre: 'C1' }, 'a;b\n1;2', 422],
  ])('with %s comes back with its reason', async (_, fields, content, status) => {
    const { post, token } = await visitor();
    const response = await post({ token, ...fields }, content);
    expect([response.statusCode, response.body.includes('error-summary')]).toEqual([status, true]);
  });
});
