import { describe, expect, it } from 'vitest';
import { aPatient } from '#server/testing/patients.ts';
import { kinds, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { runImport } from './run-import.ts';

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
    expect(progress.body).toContain('Lignes traitées\u00a0: 0 sur 1');
  });

  it.each([
    ['a stale token', { token: 'old', centre: 'C1' }, file, 403],
    ['no centre', { centre: '' }, file, 422],
    ['a spreadsheet in the place of a CSV file', { centre: 'C1' }, 'PK\u0003\u0004\u0000', 422],
    ['an empty file', { centre: 'C1' }, '', 422],
    ['columns that are missing', { centre: 'C1' }, 'a;b\n1;2', 422],
  ])('with %s comes back with its reason', async (_, fields, content, status) => {
    const { post, token } = await visitor();
    const response = await post({ token, ...fields }, content);
    expect([response.statusCode, response.body.includes('error-summary')]).toEqual([status, true]);
  });

  it('shows what was refused, and gives it back to be corrected and sent again', async () => {
    const { get, post, token } = await visitor();
    const refused = file.replace(';FE1;', ';;').replace('Évrard', '=Évrard');
    const sent = await post({ token, centre: 'BACK' }, refused);
    const address = String(sent.headers.location);
    const id = address.split('/').at(-1) ?? '';
    const record = async (importId: string) => {
      const { db, config, clock, recordRules, identity } = server.deps;
      const [rules, rights] = [await recordRules.current(), await identity.rights.current()];
      const vault = nirVault(config.records);
      await runImport({ db, vault, rules, rights, now: () => clock.now() }, importId);
    };
    await record(id);
    const done = await get(address);
    expect(done.headers.refresh).toBeUndefined();
    expect(cells(done.body).join('|')).toContain('2|1|lot|Cette information manque.');
    expect(done.body).toContain(`/api/records/imports/${id}/refused.csv?lang&#x3D;fr`);
    expect(cells((await get(`${address}?lang=en`)).body).join('|')).toContain('lot|This is missing.');

    const back = (await get(`/api/records/imports/${id}/refused.csv`)).body;
    expect(back).toContain("'=Évrard");
    const lines = back.split('\r\n');
    const place = lines[0]?.split(';').indexOf('lot') ?? -1;
    const corrected = lines[1]?.split(';').map((cell, n) => (n === place ? 'FE1' : cell.replace("'=", '')));
    const again = await post({ token, centre: 'BACK' }, [lines[0], corrected?.join(';')].join('\n'));
    const second = String(again.headers.location).split('/').at(-1) ?? '';
    await record(second);
    expect((await get(`/dossiers/import/${second}`)).body).toContain('1 ligne enregistrée');
    expect((await get('/dossiers/import')).body).toContain(`/dossiers/import/${second}`);
  });

  it('is in the menu of those who may, and says in words why a person it made has no NIR', async () => {
    const { get, page } = await visitor();
    expect(page.body).toContain('href="/dossiers/import" aria-current="page"');
    const secretary = await signedInProfessional(server, kinds.secretary());
    const theirs = await server.app.inject({ url: '/espace', headers: { cookie: secretary.cookie } });
    expect(theirs.statusCode).toBe(200);
    expect(theirs.body).not.toContain('/dossiers/import');
    const { id } = await aPatient(server.deps, { nir: null, noNirReason: 'import' });
    expect((await get(`/dossiers/${id}`)).body).toContain('import du fichier d’un centre');
    expect((await get(`/dossiers/${id}?lang=en`)).body).toContain('imported from a centre’s file');
    expect((await get(`/dossiers/${id}/modifier`)).body).toContain('value="import du fichier d’un centre"');
  });
});

/** What the cells of a page's tables say, in their order. */
function cells(html: string): readonly string[] {
  return [...html.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text = '']) => text);
}
