import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { eq, sql } from 'drizzle-orm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { aNir, aPatient } from '#server/testing/patients.ts';
import { kinds, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { directoryStructures } from '../../directory/directory.table.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { verifyAccessLog } from '../access-log/verify-access-log.ts';
import { injections } from '../acts/acts.table.ts';
import { recordInjection } from '../acts/record-injection.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { patients } from '../patients/patients.table.ts';
import { rotateKeys } from '../patients/rotate-keys.ts';
import { getImportProgress } from './import-report.ts';
import { openRow } from './import-rows.ts';
import { recordImportRows, recordImports } from './imports.table.ts';
import { purgeImports } from './purge-imports.ts';
import { receiveImport } from './receive-import.ts';
import { runImport } from './run-import.ts';
import { sweepImports } from './sweep-imports.ts';

const database = testDatabase();
const server = testApp(database);
const minute = 60_000;
const day = 24 * 60 * minute;

const header =
  'id;nir;nom;prenoms;date naissance;sexe;vaccin;lot;date injection;rang;total;type lieu;finess;motif';

/** Names of letters for numbers, and days of their own: nobody is like anybody else. */
const letters = (n: number) => [...String(n)].map((digit) => 'ABCDEFGHIJ'[Number(digit)]).join('');
function aRow(
  n: number,
  more: Partial<Record<'nir' | 'lot' | 'day' | 'rank' | 'place' | 'finess', string>> = {},
) {
  const { nir = '', lot = 'FE1', day: on = '20/10/2026', rank = '1', place = '', finess = '' } = more;
  const born = new Date(Date.UTC(1930, 0, 1 + n * 9)).toISOString().slice(0, 10);
  return `R${n}-${on}-${rank};${nir};Nom${letters(n)};Zoé;${born};F;comirnaty;${lot};${on} 10:00;${rank};2;${place};${finess};`;
}

async function received(rows: readonly string[], centre: string) {
  const { professional } = await signedInProfessional(server, kinds.hospitalNurse());
  const { db, config, clock } = server.deps;
  const vault = nirVault(config.records);
  const file = Readable.from([Buffer.from([header, ...rows].join('\n'))]);
  const { id } = await receiveImport(db, vault, file, { centre, professional, requestId: 'r' }, clock.now());
  return { id, professional };
}

async function run(id: string, stopping?: () => boolean) {
  const { db, config, clock, recordRules, identity } = server.deps;
  const [rules, rights] = [await recordRules.current(), await identity.rights.current()];
  const tools = { db, vault: nirVault(config.records), rules, rights, now: () => clock.now() };
  return runImport({ ...tools, ...(stopping && { stopping }) }, id);
}

const rowsOf = (id: string) =>
  database.db
    .select()
    .from(recordImportRows)
    .where(eq(recordImportRows.importId, id))
    .orderBy(recordImportRows.line);
const ofImport = (id: string) => sql`${outbox.payload} ->> 'importId' = ${id}`;
const enteredBy = (professional: { readonly id: string }) =>
  database.db.$count(injections, eq(injections.enteredBy, professional.id));

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** The import in a process of its own, with the keys of the tests. */
function runInProcess(id: string): ChildProcess {
  const { sealingKeys, indexKeys } = server.deps.config.records;
  const ring = (keys: typeof sealingKeys) =>
    keys.map(({ id: name, key }) => `${name}:${key.toString('base64')}`).join(',');
  const script = join(import.meta.dirname, 'testing/run-in-process.ts');
  const child = spawn(process.execPath, [script, database.url, id, server.clock.now().toISOString()], {
    env: { ...process.env, RECORDS_KEYS: ring(sealingKeys), RECORDS_INDEX_KEYS: ring(indexKeys) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  return child;
}

/** Resolves once the import's process waits for a row that the test holds: in the middle of a batch. */
async function untilItWaitsFor(holder: number): Promise<void> {
  const isWaiting = async () => {
    const { rows } = await database.db.execute(sql`
      select from pg_stat_activity where datname = current_database() and ${holder} = any(pg_blocking_pids(pid))`);
    return rows.length > 0;
  };
  // As long as the test itself has; asked now and then, for the process that is waited for needs the machine too.
  await vi.waitUntil(isWaiting, { timeout: 90_000, interval: 20 });
}

describe('an import that is killed', () => {
  it('in the middle of a batch goes on where it was, and every row is recorded once', async () => {
    const rows = Array.from({ length: 600 }, (_, n) => aRow(n, n % 50 === 7 ? { lot: '' } : {}));
    const { id, professional } = await received(rows, 'KILLED');
    const holder = await database.connection.pool.connect();
    const { rows: own } = await holder.query('select pg_backend_pid() as pid');
    await holder.query('begin');
    // The second batch has stored its patients and injections when it comes to note this row.
    await holder.query('select from record_import_rows where import_id = $1 and line = 400 for update', [id]);
    const child = runInProcess(id);
    await untilItWaitsFor(own[0].pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await holder.query('rollback');
    holder.release();
    expect(await enteredBy(professional)).toBe(245);
    expect((await rowsOf(id)).filter(({ state }) => state === 'waiting')).toHaveLength(350);

    const restarted = runInProcess(id);
    expect(await once(restarted, 'exit')).toEqual([0, null]);
    expect(await getImportProgress(database.db, id, professional.id)).toMatchObject({
      ...{ state: 'done', total: 600, waiting: 0, recorded: 588, known: 0, refused: 12 },
    });
    expect(await enteredBy(professional)).toBe(588);
    expect(await database.db.$count(patients, eq(patients.createdBy, professional.id))).toBe(588);
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });

  it('before its job came to the queue is found by the sweep, once', async () => {
    const { id } = await received([aRow(700)], 'LOST');
    const now = server.clock.now();
    expect(await sweepImports(database.db, now)).toBe(0);
    await database.db.update(outbox).set({ relayedAt: now });
    expect(await sweepImports(database.db, new Date(now.getTime() + 9 * minute))).toBe(0);
    const later = new Date(now.getTime() + 11 * minute);
    expect(await sweepImports(database.db, later)).toBe(1);
    expect(await sweepImports(database.db, later)).toBe(0);
    expect(await database.db.$count(outbox, ofImport(id))).toBe(2);
    await run(id);
    await database.db.update(outbox).set({ relayedAt: now });
    expect(await sweepImports(database.db, later)).toBe(0);
  });
});

describe('a batch', () => {
  it('leaves its rest to a job of its own when it is told to stop', async () => {
    const { id } = await received(
      Array.from({ length: 300 }, (_, n) => aRow(1000 + n)),
      'TURNS',
    );
    expect(await run(id, () => true)).toBe('goes-on');
    expect((await rowsOf(id)).filter(({ state }) => state === 'recorded')).toHaveLength(250);
    const jobs = await database.db.select().from(outbox).where(ofImport(id));
    // The first, and the one that goes on.
    expect(jobs.map(({ job, payload }) => [job, payload])).toEqual(
      Array(2).fill(['import-injections', { importId: id }]),
    );
    expect(await run(id, () => false)).toBe('done');
    expect((await rowsOf(id)).every(({ state }) => state === 'recorded')).toBe(true);
  });

  it('is not spoilt by a row that the database itself refuses', async () => {
    await database.db.execute(sql`alter table injections add constraint odd check (lot <> 'ODD')`);
    const rows = Array.from({ length: 20 }, (_, n) => aRow(1400 + n, n === 13 ? { lot: 'ODD' } : {}));
    const { id, professional } = await received(rows, 'ODD');
    await run(id);
    await database.db.execute(sql`alter table injections drop constraint odd`);
    expect((await rowsOf(id)).map(({ state }) => state)).toEqual(
      rows.map((_, n) => (n === 13 ? 'refused' : 'recorded')),
    );
    expect(await enteredBy(professional)).toBe(19);
  });

  it('judges its rows one after the other, and makes one record of one person', async () => {
    const nir = aNir();
    const rows = [
      aRow(1500, { nir }),
      // Ten days later: too early, and no reason given.
      aRow(1500, { nir, day: '30/10/2026', rank: '2' }),
      aRow(1500, { nir, day: '18/11/2026', rank: '2' }),
      // The same dose again, under another name of its row.
      aRow(1500, { nir, day: '20/10/2026', rank: '3' }),
    ];
    const { id, professional } = await received(rows, 'ORDER');
    await run(id);
    const done = await rowsOf(id);
    expect(done.map(({ state }) => state)).toEqual(['recorded', 'refused', 'recorded', 'refused']);
    expect(done[1]?.errors.map(({ finding }) => finding?.kind)).toContain('minimum_interval');
    expect(done[3]?.errors[0]?.key).toBe('problems.same-act.title');
    expect(await database.db.$count(patients, eq(patients.createdBy, professional.id))).toBe(1);
    const entries = await database.db
      .select({ action: accessLog.action })
      .from(accessLog)
      .where(sql`${accessLog.professionalId} = ${professional.id} and patient_id is not null`)
      .orderBy(accessLog.place);
    expect(entries.map(({ action }) => action)).toEqual([
      ...['patient.create', 'injection.create', 'patients.search', 'injection.check'],
      ...['patients.search', 'injection.create', 'patients.search', 'injection.read'],
    ]);
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });

  it('of two centres at once, and what is entered by hand meanwhile, wait for each other and never in a circle', async () => {
    const known = await Promise.all(Array.from({ length: 40 }, () => aPatient(server.deps)));
    const row = (n: number, on: string) =>
      aRow(1, { nir: known[n]?.nir ?? '', day: on })
        .replace(
          /Nom[A-J]+;Zoé;[\d-]+/,
          `${known[n]?.birthFamilyName};${known[n]?.birthGivenNames};1984-05-12`,
        )
        .replace(/^[^;]+/, `P${n}`);
    const forwards = known.map((_, n) => row(n, '20/10/2026'));
    const [one, other] = [await received(forwards, 'LEFT'), await received(forwards.toReversed(), 'RIGHT')];
    const rules = await server.deps.recordRules.current();
    const entry = {
      ...{ professional: one.professional, route: 'POST /test', requestId: 't' },
      may: () => ({ allowed: true, byDelegation: false }) as const,
    };
    const byHand = known.map(({ id: patientId }) =>
      recordInjection(
        database.db,
        entry,
        {
          patientId,
          input: {
            ...{ occurredAt: '2026-10-20T08:00:00Z', place: { kind: 'practice' }, vaccine: 'comirnaty' },
            ...{ lot: 'HAND', route: 'intramuscular', doseRank: 1, doseTotal: 2 },
          },
        },
        rules,
        server.clock.now(),
      ).then(
        () => 1,
        () => 0,
      ),
    );
    await Promise.all([run(one.id), run(other.id), ...byHand]);
    const states = [...(await rowsOf(one.id)), ...(await rowsOf(other.id))].map(({ state }) => state);
    const recorded = states.filter((state) => state === 'recorded').length;
    const entered = (await Promise.all(byHand)).reduce<number>((sum, each) => sum + each, 0);
    // Each dose stands once, whoever came first.
    expect(recorded + entered).toBe(40);
    expect(states.filter((state) => state === 'refused')).toHaveLength(80 - recorded);
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });

  it('tells of a FINESS number that the directory does not know, and records all the same', async () => {
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    const place = 'ES';
    const { id } = await received(
      [
        aRow(2100, { place, finess: '750000028' }),
        aRow(2101, { place, finess: '750 000 036' }),
        aRow(2102, { place: 'cabinet' }),
      ],
      'FINESS',
    );
    await run(id);
    await database.db.delete(directoryStructures);
    const done = await rowsOf(id);
    expect(
      done.map(({ state, errors }) => [state, ...errors.map(({ field, key }) => `${field} ${key}`)]),
    ).toEqual([['recorded'], ['recorded', 'finess records-acts.warnings.finess_unknown'], ['recorded']]);
  });

  it('takes the place from the row', async () => {
    const { id } = await received(
      [
        aRow(1600),
        aRow(1601, { place: 'Établissement', finess: '750000011' }),
        aRow(1602, { place: 'cabinet' }),
        aRow(1603, { place: 'ES' }),
        aRow(1604, { place: 'ES', finess: '75' }),
        aRow(1605, { place: 'gymnase' }),
      ],
      'PLACES',
    );
    await run(id);
    const done = await rowsOf(id);
    expect(done.map(({ errors }) => errors.map(({ field, key }) => `${field} ${key}`).join())).toEqual([
      '',
      // Recorded all the same, as by hand; the report tells.
      'finess records-acts.warnings.finess_key',
      '',
      'finess records-acts.errors.finess_missing',
      'finess records-acts.errors.finess_format',
      'placeKind records-import.errors.placeKind',
    ]);
    const { rows } = await database.db.execute(sql`
      select place_kind from injections join record_import_rows on injection_id = injections.id
      where import_id = ${id} order by line`);
    expect(rows.map(({ place_kind }) => place_kind)).toEqual([
      ...['vaccination_centre', 'establishment', 'practice'],
    ]);
  });

  it('takes for the place of a row that says none the centre that sent it', async () => {
    const sent = async (centre: string, first: number) => {
      const rows = [
        aRow(first),
        aRow(first + 1, { place: 'ES' }),
        aRow(first + 2, { place: 'ES', finess: '750000011' }),
        aRow(first + 3, { place: 'cabinet' }),
      ];
      const { id } = await received(rows, centre);
      await run(id);
      const { rows: stored } = await database.db.execute(sql`
        select place_kind, place_finess, place_name
        from injections join record_import_rows on injection_id = injections.id
        where import_id = ${id} order by line`);
      return stored.map((each) => Object.values(each));
    };
    expect(await sent('750 000 028', 1650)).toEqual([
      ['vaccination_centre', '750000028', null],
      ['establishment', '750000028', null],
      ['establishment', '750000011', null],
      ['practice', null, null],
    ]);
    // An establishment is known by its number alone: that row is refused.
    expect(await sent('Gymnase des Lilas', 1660)).toEqual([
      ['vaccination_centre', null, 'Gymnase des Lilas'],
      ['establishment', '750000011', null],
      ['practice', null, null],
    ]);
  });
});

describe('what was sent', () => {
  it('never stands in clear, and not as the name of a row', async () => {
    const nir = aNir();
    const { id } = await received([aRow(1700, { nir }).replace(/^[^;]+/, nir)], 'NIR');
    await run(id);
    const [row] = await rowsOf(id);
    expect(row).toMatchObject({ rowId: null, state: 'refused' });
    expect(row?.errors).toEqual([{ field: 'rowId', key: 'records-import.errors.rowIdNir' }]);
    expect(JSON.stringify(row)).not.toContain(nir);
    expect(Buffer.from(row?.sealed ?? []).includes(nir)).toBe(false);
  });

  it('of a refused row is sealed again under a new key, and erased when its time has come', async () => {
    const { id } = await received([aRow(1800, { lot: '' }), aRow(1801)], 'KEPT');
    await run(id);
    const { records } = server.deps.config;
    const key = { id: 'newer', key: Buffer.alloc(32, 7) };
    const newer = nirVault({ ...records, sealingKeys: [key, ...records.sealingKeys] });
    await rotateKeys(database.db, newer);
    const [kept] = await rowsOf(id);
    expect(kept?.keyId).toBe('newer');
    expect(kept && openRow(kept, newer).birthGivenNames).toBe('Zoé');
    const now = server.clock.now().getTime();
    await purgeImports(database.db, 30, new Date(now + 30 * day));
    expect((await rowsOf(id))[0]?.sealed).not.toBeNull();
    expect((await purgeImports(database.db, 30, new Date(now + 30 * day + 1))).rows).toBeGreaterThan(0);
    expect((await rowsOf(id)).map(({ state, sealed, errors }) => [state, sealed, errors.length])).toEqual([
      ['refused', null, 0],
      ['recorded', null, 0],
    ]);
    await rotateKeys(database.db, nirVault({ ...records, sealingKeys: [records.sealingKeys[0], key] }));
  });

  it('of a file that broke off is taken out a day later', async () => {
    const { id } = await received([aRow(1900)], 'BROKEN');
    await database.db.update(recordImports).set({ state: 'receiving' }).where(eq(recordImports.id, id));
    const now = server.clock.now().getTime();
    expect((await purgeImports(database.db, 30, new Date(now + day))).files).toBe(0);
    expect((await purgeImports(database.db, 30, new Date(now + day + 1))).files).toBe(1);
    expect(await rowsOf(id)).toEqual([]);
  });

  it('is refused when it is too large', async () => {
    const { professional } = await signedInProfessional(server, kinds.hospitalNurse());
    const { db, config, clock } = server.deps;
    const sent = { centre: 'LARGE', professional, requestId: 'r' };
    const file = Readable.from([Buffer.from(`${header}\n${aRow(2000)}\n`), Buffer.alloc(2000, 'a')]);
    await expect(
      receiveImport(db, nirVault(config.records), file, sent, clock.now(), 1000),
    ).rejects.toMatchObject({ statusCode: 413, code: 'import-too-large' });
    expect(await database.db.$count(recordImports, eq(recordImports.centre, 'LARGE'))).toBe(0);
  });
});
