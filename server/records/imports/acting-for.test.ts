import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { migrationsFolder } from '#server/database/migrate.ts';
import type { Professional, Structure } from '#server/identity/professional.ts';
import { anExercise, kinds, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { injections } from '../acts/acts.table.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { actingForOf } from './acting-for.ts';
import { getImportProgress } from './import-report.ts';
import { recordImports } from './imports.table.ts';
import { receiveImport } from './receive-import.ts';
import { runImport } from './run-import.ts';

const database = testDatabase();
const server = testApp(database);

const header = 'id;nom;prenoms;date naissance;sexe;vaccin;lot;date injection;rang;total';
/** Rows named 1 and 2, of persons whom no other file names. */
const fileOf = (family: string, born: string) =>
  [1, 2].map(
    (n) => `${n};${family}${'AB'[n - 1]};Zoé;0${n}/0${n}/${born};F;comirnaty;FE1;20/10/2026 10:00;1;2`,
  );

/** Sends a file and has it recorded. @returns how many rows were recorded, known already and refused. */
async function imported(rows: readonly string[], professional: Professional, centre = 'Gymnase') {
  const { db, config, clock, recordRules, identity } = server.deps;
  const vault = nirVault(config.records);
  const file = Readable.from([Buffer.from([header, ...rows].join('\n'))]);
  const sent = { centre, professional, requestId: 'r' };
  const { id } = await receiveImport(db, vault, file, sent, clock.now());
  const [rules, rights] = [await recordRules.current(), await identity.rights.current()];
  await runImport({ db, vault, rules, rights, now: () => clock.now() }, id);
  const { recorded, known, refused } = await getImportProgress(db, id, professional.id);
  return { id, recorded, known, refused };
}

const numbers = (more: Partial<Structure>): Structure => ({
  ...{ name: 'Cabinet des Lilas', siteFiness: null, legalFiness: null, siret: null },
  ...more,
});
const acting = (structure: Structure | null) => ({ actingAs: anExercise({ structure }) });

describe('whose the rows of a file are', () => {
  it('is the structure acted for by its number, or the professional alone', () => {
    const id = '6c0c8d4e-0000-4000-8000-000000000000';
    const of = (structure: Structure | null) => actingForOf({ id, ...acting(structure) });
    const all = { siteFiness: '750000011', legalFiness: '750000029', siret: '12345678900011' };
    expect(of(numbers(all))).toBe('structure:750000011');
    expect(of(numbers({ ...all, siteFiness: null }))).toBe('structure:750000029');
    expect(of(numbers({ siret: '12345678900011' }))).toBe('structure:12345678900011');
    // A name is nobody's own.
    for (const structure of [numbers({}), null]) expect(of(structure)).toBe(`professional:${id}`);
    expect(actingForOf({ id, actingAs: null })).toBe(`professional:${id}`);
  });

  it('keeps two practices apart that call a centre the same and number their rows alike', async () => {
    const [one, other] = [await signedInProfessional(server), await signedInProfessional(server)];
    const [ofOne, ofOther] = [fileOf('Garnier', '1951'), fileOf('Morel', '1961')];
    expect(await imported(ofOne, one.professional)).toMatchObject({ recorded: 2, known: 0 });
    expect(await imported(ofOther, other.professional)).toMatchObject({ recorded: 2, known: 0, refused: 0 });
    expect(await database.db.$count(injections, eq(injections.enteredBy, other.professional.id))).toBe(2);
    // Each sent again is known to its own.
    expect(await imported(ofOne, one.professional)).toMatchObject({ recorded: 0, known: 2 });
    expect(await imported(ofOther, other.professional)).toMatchObject({ recorded: 0, known: 2 });
  });

  it('lets colleagues of a structure send the same file, which is recorded once', async () => {
    const colleagues = [
      await signedInProfessional(server, kinds.hospitalNurse()),
      await signedInProfessional(server, kinds.hospitalNurse()),
    ];
    const rows = fileOf('Lambert', '1971');
    const done = [];
    for (const { professional } of colleagues) done.push(await imported(rows, professional));
    expect(done).toMatchObject([
      { recorded: 2, known: 0, refused: 0 },
      { recorded: 0, known: 2, refused: 0 },
    ]);
    // Under another name it is another centre's: its doses stand already, and are refused, not entered twice.
    const [nurse] = colleagues;
    if (!nurse) throw new Error('nobody signed in');
    expect(await imported(rows, nurse.professional, 'Salle des fêtes')).toMatchObject({
      recorded: 0,
      refused: 2,
    });
  });

  it('keeps the structures of one professional apart', async () => {
    const { professional } = await signedInProfessional(server);
    const at = (siteFiness: string) => ({ ...professional, ...acting(numbers({ siteFiness })) });
    expect(await imported(fileOf('Roux', '1952'), at('750000052'))).toMatchObject({ recorded: 2 });
    expect(await imported(fileOf('Petit', '1962'), at('750000060'))).toMatchObject({ recorded: 2, known: 0 });
    expect(await imported(fileOf('Petit', '1962'), at('750000060'))).toMatchObject({ recorded: 0, known: 2 });
  });
});

describe('the rows of files that were sent before', () => {
  const older = testDatabase();
  const olderServer = testApp(older);

  it('are given to whoever was acted for then', async () => {
    const { pool } = older.connection;
    await pool.query(`drop index record_import_rows_once;
      alter table record_import_rows drop column acting_for;
      alter table record_imports drop column acting_for;
      create unique index record_import_rows_once on record_import_rows (centre, row_id) where state = 'recorded'`);
    const senders = [];
    for (const kind of [kinds.hospitalNurse(), acting(numbers({ siret: '12345678900011' })), acting(null)]) {
      const { professional } = await signedInProfessional(olderServer, kind);
      senders.push(professional);
      await pool.query(
        `with sent as (
          insert into record_imports (id, centre, state, imported_by, acting_as, request_id, created_at)
          values (gen_random_uuid(), 'C', 'done', $1, $2, 'r', now()) returning id)
        insert into record_import_rows (import_id, line, centre, row_id, state, errors)
        select id, 2, 'C', $1::uuid::text, 'recorded', '[]' from sent`,
        [professional.id, JSON.stringify(professional.actingAs)],
      );
    }
    await pool.query(readFileSync(join(migrationsFolder, '0027_rows_of_files_by_structure.sql'), 'utf8'));
    const files = await older.db
      .select({ by: recordImports.importedBy, actingFor: recordImports.actingFor })
      .from(recordImports);
    const expected = senders.map((each) => ({ by: each.id, actingFor: actingForOf(each) }));
    expect(files).toEqual(expect.arrayContaining(expected));
    const { rows } = await pool.query(
      'select row_id as by, acting_for as "actingFor" from record_import_rows',
    );
    expect(rows).toEqual(expect.arrayContaining(expected));
  });
});
