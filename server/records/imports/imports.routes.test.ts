import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { aNir, aPatient } from '#server/testing/patients.ts';
import { kinds, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { injections } from '../acts/acts.table.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { recordImportRows, recordImports } from './imports.table.ts';
import { runImport } from './run-import.ts';

const database = testDatabase();
const server = testApp(database);

const header =
  'Identifiant ligne;NIR;Nom de naissance;Prénoms;Date de naissance;Sexe;Vaccin;Lot;Péremption;Date injection;Rang;Total;Bras';
let made = 0;
const aRow = (more: Partial<Record<'id' | 'nir' | 'family' | 'vaccine' | 'day', string>> = {}) => {
  made += 1;
  const {
    id = `L${made}`,
    nir = aNir(),
    family = `Lefèvre-Œuf ${String.fromCharCode(65 + made)}`,
    ...rest
  } = more;
  // Each born on another day: nobody is like anybody else.
  const birth = `${String((made % 28) + 1).padStart(2, '0')}/${String((Math.floor(made / 28) % 12) + 1).padStart(2, '0')}/1971`;
  const { vaccine = 'Comirnaty', day = '20/11/2026 14:30' } = rest;
  return `${id};${nir};${family};Zoé;${birth};F;${vaccine};FE4721;31/03/2027;${day};1;2;gauche`;
};

async function send(
  who: { cookie: string } | undefined,
  payload: string | Buffer,
  centre = 'C1',
  type = 'text/csv',
) {
  return server.app.inject({
    method: 'POST',
    url: `/api/records/imports?centre=${centre}`,
    headers: { 'content-type': type, accept: 'application/json', ...(who && { cookie: who.cookie }) },
    payload,
  });
}

const rowsOf = (id: string) =>
  database.db
    .select()
    .from(recordImportRows)
    .where(eq(recordImportRows.importId, id))
    .orderBy(recordImportRows.line);

async function run(id: string, stopping?: () => boolean) {
  const { deps } = server;
  await runImport(
    {
      db: deps.db,
      vault: nirVault(deps.config.records),
      rules: await deps.recordRules.current(),
      rights: await deps.identity.rights.current(),
      now: () => deps.clock.now(),
      ...(stopping && { stopping }),
    },
    id,
  );
}

async function imported(rows: readonly string[], centre = `C${made}`) {
  const nurse = await signedInProfessional(server, kinds.hospitalNurse());
  const sent = await send(nurse, [header, ...rows].join('\r\n'), centre);
  expect(sent.statusCode, sent.body).toBe(202);
  const { id } = sent.json();
  await run(id);
  const get = (path: string) =>
    server.app.inject({ url: `/api/records/imports/${id}${path}`, headers: { cookie: nurse.cookie } });
  return { nurse, id, progress: (await get('')).json(), report: (await get('/report.csv')).body };
}

describe('a file of a centre', () => {
  it('is recorded row by row, refusals told by line, column and reason', async () => {
    const { progress, report, id } = await imported([
      aRow({ nir: '' }),
      aRow({ vaccine: 'Inconnu' }),
      aRow({ day: '31/02/2026 10:00' }),
      aRow({ nir: '123' }),
      aRow({ day: '20/12/2026 10:00' }),
    ]);
    expect(progress).toMatchObject({
      state: 'done',
      total: 5,
      waiting: 0,
      recorded: 1,
      known: 0,
      refused: 4,
    });
    expect(report.split('\r\n').slice(0, 6)).toEqual([
      '\uFEFFligne;identifiant;état;colonne;motif',
      expect.stringMatching(/^2;L\d+;enregistrée;;$/),
      expect.stringMatching(/^3;L\d+;refusée;vaccin;/),
      expect.stringMatching(/^4;L\d+;refusée;date et heure de l’injection;/),
      expect.stringMatching(/^5;L\d+;refusée;NIR;/),
      expect.stringMatching(/^6;L\d+;refusée;date et heure de l’injection;/),
    ]);
    const rows = await rowsOf(id);
    expect(rows.map(({ state, sealed }) => [state, sealed === null])).toEqual([
      ['recorded', true],
      ...Array(4).fill(['refused', false]),
    ]);
    const [injection] = await database.db
      .select()
      .from(injections)
      .where(eq(injections.id, rows[0]?.injectionId ?? ''));
    expect(injection).toMatchObject({ vaccine: 'comirnaty', arm: 'left', placeKind: 'vaccination_centre' });
    expect(injection?.occurredAt.toISOString()).toBe('2026-11-20T13:30:00.000Z');
  });

  it('tells of a NIR that says otherwise than the identity, which is recorded all the same', async () => {
    const { progress, report } = await imported([aRow()]);
    expect(progress).toMatchObject({ recorded: 1, refused: 0 });
    expect(report).toMatch(/\r\n2;L\d+;enregistrée;date de naissance;.+/);
  });

  it('sent again, by somebody else, records nothing twice', async () => {
    const rows = [aRow(), aRow()];
    const first = await imported(rows, 'TWICE');
    expect(first.progress.recorded).toBe(2);
    const second = await imported([...rows, rows[0] ?? ''], 'TWICE');
    expect(second.progress).toMatchObject({ recorded: 0, known: 3, refused: 0 });
  });

  it('sent again when its rows are gone, records nothing twice', async () => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const file = [header, aRow(), aRow()].join('\n');
    const first = (await send(nurse, file, 'GONE')).json();
    await run(first.id);
    const before = (await rowsOf(first.id)).map(({ injectionId }) => injectionId);
    await database.db.delete(recordImports).where(eq(recordImports.id, first.id));
    const second = (await send(nurse, file, 'GONE')).json();
    await run(second.id);
    expect((await rowsOf(second.id)).map(({ injectionId }) => injectionId)).toEqual(before);
    expect(await database.db.$count(injections, eq(injections.enteredBy, nurse.professional.id))).toBe(2);
  });

  it('waits for a job whose payload is its number', async () => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const nir = aNir();
    const { id } = (await send(nurse, [header, aRow({ nir })].join('\n'), 'JOB')).json();
    const jobs = await database.db
      .select({ job: outbox.job, payload: outbox.payload })
      .from(outbox)
      .where(sql`${outbox.payload} ->> 'importId' = ${id}`);
    expect(jobs).toEqual([{ job: 'import-injections', payload: { importId: id } }]);
    const stored = await rowsOf(id);
    expect(Buffer.concat(stored.map(({ sealed }) => Buffer.from(sealed ?? []))).includes(nir)).toBe(false);
  });

  it.each([
    ['with a mark of its encoding', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['as Windows writes it', (text: string) => Buffer.from(text.replaceAll('Œ', 'OE'), 'latin1')],
    ['with commas', (text: string) => Buffer.from(text.replaceAll(';', ','))],
    ['with tabs', (text: string) => Buffer.from(text.replaceAll(';', '\t'))],
    ['in quotes', (text: string) => Buffer.from(text.replace(/[^;\n]+/g, '"$&"'))],
  ])('is read %s', async (_, write) => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const { id } = (await send(nurse, write([header, aRow({ nir: '' })].join('\n')), `E${made}`)).json();
    await run(id);
    const [row] = await rowsOf(id);
    expect(row).toMatchObject({ state: 'recorded', errors: [] });
    const { rows } = await database.connection.pool.query(
      'select birth_family_name as name from patients join injections on patients.id = patient_id where injections.id = $1',
      [row?.injectionId],
    );
    expect(rows[0].name).toMatch(/^Lefèvre-(Œ|OE)uf/);
  });

  it('may be a form’s', async () => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const body = `--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n${header}\n${aRow()}\r\n--x--\r\n`;
    const sent = await send(nurse, body, 'FORM', 'multipart/form-data; boundary=x');
    expect([sent.statusCode, sent.json().total]).toEqual([202, 1]);
  });

  it('comes over the network as it does here', async () => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const origin = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const sent = await fetch(`${origin}/api/records/imports?centre=NETWORK`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', cookie: nurse.cookie },
      body: [header, aRow(), aRow()].join('\n'),
    });
    expect([sent.status, await sent.json()]).toEqual([202, expect.objectContaining({ total: 2 })]);
  });

  it('is received whole though a row’s name is too long, and cut within a character', async () => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const named = aRow().replace(/^[^;]*/, `${'x'.repeat(99)}😀`);
    const sent = await send(nurse, [header, named].join('\n'), 'LONG');
    expect([sent.statusCode, sent.json().total]).toEqual([202, 1]);
  });

  it('finds the patient who is known already', async () => {
    const patient = await aPatient(server.deps, { birthFamilyName: 'Garnier', birthGivenNames: 'Zoé' });
    const row = aRow({ nir: patient.nir ?? '', family: 'GARNIER' }).replace(/\d\d\/\d\d\/1971/, '12/05/1984');
    await imported([row]);
    expect(await database.db.$count(injections, eq(injections.patientId, patient.id))).toBe(1);
  });

  it.each([
    ['without its columns', 'a;b;c\n1;2;3', '/problems/import-header'],
    ['without rows', header, '/problems/import-empty'],
    ['with an open quote', `${header}\n"L1;${'x'.repeat(100)}`, '/problems/import-unreadable'],
    ['that is a spreadsheet', 'PK\u0003\u0004\u0000\u0000', '/problems/import-not-csv'],
    ['that is a document', '%PDF-1.7\n1;2', '/problems/import-not-csv'],
  ])('%s is refused whole', async (_, text, type) => {
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const sent = await send(nurse, text, 'BAD');
    expect([sent.statusCode, sent.json().type]).toEqual([422, type]);
    expect(await database.db.$count(recordImportRows, eq(recordImportRows.centre, 'BAD'))).toBe(0);
  });

  it('is nobody else’s to look at', async () => {
    const { id } = await imported([aRow()]);
    const other = await signedInProfessional(server, kinds.hospitalNurse());
    for (const path of ['', '/report.csv']) {
      const url = `/api/records/imports/${id}${path}`;
      expect((await server.app.inject({ url, headers: { cookie: other.cookie } })).statusCode).toBe(404);
    }
  });

  it.each([
    ['nobody', 401],
    ['independentDoctor', 202],
    ['hospitalNurse', 202],
    ['pharmacist', 202],
    ['secretary', 403],
    ['standIn', 403],
  ])('sent by %s is answered %i', async (role, status) => {
    const who =
      role === 'nobody' ? undefined : await signedInProfessional(server, kinds[role as 'pharmacist']());
    expect((await send(who, [header, aRow()].join('\n'), `R${made}`)).statusCode).toBe(status);
  });
});
