import { and, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient, firstDose, type Json, loggedActions, recordsCaller } from '#server/testing/acts.ts';
import { type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { patients } from '../patients/patients.table.ts';
import { recordVersions } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
let call: ReturnType<typeof recordsCaller>;

beforeAll(async () => {
  doctor = await signedInProfessional(server);
  call = recordsCaller(server, doctor);
});

const aFile = async () => (await aPatient(database.db, doctor.professional)).id;
const inject = (patientId: string, changes: Json = {}) =>
  call('POST', `patients/${patientId}/injections`, { ...firstDose, ...changes });
const logged = (patientId: string) => loggedActions(database.db, patientId);

describe('a correction', () => {
  async function recorded() {
    const patientId = await aFile();
    const { body } = await inject(patientId);
    const path = `patients/${patientId}/injections/${body.id}`;
    return { patientId, path, id: String(body.id) };
  }
  const correct = (path: string, changes: Json, etag?: string, by = call) =>
    by('PATCH', path, { reason: 'Lot mal lu', ...changes }, etag === undefined ? {} : { 'if-match': etag });

  it('keeps what was there: who, when, why, before and after', async () => {
    const { path, patientId, id } = await recorded();
    server.clock.advance(60_000);
    const { status, body, headers } = await correct(path, { lot: 'fk9999', arm: null }, '"1"');
    expect([status, body.lot, body.arm, headers.etag]).toEqual([200, 'FK9999', null, '"2"']);
    const read = await call('GET', path);
    expect(read.headers.etag).toBe('"2"');
    expect(read.body.history).toEqual([
      {
        version: 1,
        changedAt: server.clock.now().toISOString(),
        changedBy: { familyName: doctor.professional.familyName, givenNames: 'Anne' },
        change: 'correct',
        reason: 'Lot mal lu',
        before: expect.objectContaining({ lot: 'FK1234', arm: 'left' }),
        after: expect.objectContaining({ lot: 'FK9999', arm: null }),
      },
    ]);
    expect(await logged(patientId)).toEqual(['injection.create', 'injection.correct', 'injection.read']);
    const kept = and(eq(recordVersions.recordId, id), eq(recordVersions.kind, 'injection'));
    expect(await database.db.$count(recordVersions, kept)).toBe(1);
  });

  it('needs the version that was read, and a reason', async () => {
    const { path } = await recorded();
    expect((await correct(path, { lot: 'X' })).status).toBe(428);
    expect((await correct(path, { lot: 'X' }, '"7"')).status).toBe(412);
    expect((await correct(path, { lot: 'X' }, 'nonsense')).status).toBe(412);
    expect((await call('PATCH', path, { lot: 'X' }, { 'if-match': '"1"' })).status).toBe(400);
  });

  it('made by two at once is made once: the other is told who came first, and nothing is lost', async () => {
    const { path } = await recorded();
    const elsewhere = recordsCaller(server, doctor);
    const answers = await Promise.all([
      correct(path, { lot: 'ONE' }, '"1"'),
      correct(path, { lot: 'TWO' }, '"1"', elsewhere),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const lost = answers.find(({ status }) => status === 412);
    expect(lost?.body).toMatchObject({ version: 2, changedBy: `Anne ${doctor.professional.familyName}` });
    const { body } = await call('GET', path);
    const won = answers.find(({ status }) => status === 200);
    expect([body.lot, body.version]).toEqual([won?.body.lot, 2]);
    expect(body.history).toHaveLength(1);
  });

  it('refuses the impossible as an entry does, and findings without a reason', async () => {
    const { path, patientId } = await recorded();
    await inject(patientId, {
      occurredAt: '2026-09-01T10:00:00+02:00',
      vaccine: 'comirnaty',
      overrideReason: 'ok!',
    });
    expect((await correct(path, { occurredAt: '2027-01-01T10:00:00+01:00' }, '"1"')).status).toBe(422);
    const found = await correct(path, { occurredAt: '2026-09-05T10:00:00+02:00', doseRank: 2 }, '"1"');
    expect([found.status, found.body.type]).toEqual([422, '/problems/dose-findings']);
  });

  it('onto an injection that stands already is refused, and the first is shown', async () => {
    const patientId = await aFile();
    const first = await inject(patientId, { occurredAt: '2026-09-01T10:00:00+02:00' });
    const second = await inject(patientId, { doseRank: 2 });
    const path = `patients/${patientId}/injections/${second.body.id}`;
    const clash = await correct(
      path,
      { occurredAt: '2026-09-01T11:00:00+02:00', overrideReason: 'Date relue' },
      '"1"',
    );
    expect([clash.status, clash.body.first]).toEqual([409, expect.objectContaining({ id: first.body.id })]);
  });

  it('is for the performer alone, unless by delegation', async () => {
    const { path } = await recorded();
    const other = recordsCaller(server, await signedInProfessional(server));
    const { status, body } = await correct(path, { lot: 'X' }, '"1"', other);
    expect([status, body.why]).toEqual([403, 'none']);
  });
});

describe('what was entered in error', () => {
  it('is set aside, counts for nothing, and comes back unless another stands in its place', async () => {
    const patientId = await aFile();
    const first = await inject(patientId);
    const path = `patients/${patientId}/injections/${first.body.id}`;
    const reason = { reason: 'Autre patient' };
    const gone = await call('DELETE', path, reason, { 'if-match': '"1"' });
    expect([gone.status, gone.body.state, gone.headers.etag]).toEqual([200, 'entered_in_error', '"2"']);
    expect((await call('DELETE', path, reason, { 'if-match': '"2"' })).body.version).toBe(2);
    // Nothing was left to do, but it was shown.
    expect(await logged(patientId)).toEqual([
      'injection.create',
      'injection.enter_in_error',
      'injection.read',
    ]);
    expect((await call('PATCH', path, { lot: 'X', ...reason }, { 'if-match': '"2"' })).status).toBe(409);

    const again = await inject(patientId, { lot: 'NEW' });
    expect([again.status, again.body.findings]).toEqual([201, []]);
    const clash = await call('POST', `${path}/restore`, reason, { 'if-match': '"2"' });
    expect([clash.status, clash.body.first]).toEqual([409, expect.objectContaining({ id: again.body.id })]);
    const apart = { ...reason, notADuplicate: true };
    const back = await call('POST', `${path}/restore`, apart, { 'if-match': '"2"' });
    expect([back.status, back.body.state, back.body.notADuplicate]).toEqual([200, 'recorded', true]);
    const { body } = await call('GET', path);
    expect(body.history).toEqual([
      expect.objectContaining({ change: 'enter_in_error', reason: 'Autre patient' }),
      expect.objectContaining({ change: 'restore' }),
    ]);
    const list = await call('GET', `patients/${patientId}/injections`);
    expect(list.body.items).toHaveLength(2);
  });

  it('comes back judged by what stands now, as a new entry would be', async () => {
    const patientId = await aFile();
    const early = await inject(patientId, { occurredAt: '2026-09-01T10:00:00+02:00' });
    const path = `patients/${patientId}/injections/${early.body.id}`;
    const reason = { reason: 'Autre patient' };
    await call('DELETE', path, reason, { 'if-match': '"1"' });
    // Meanwhile another dose took its rank, a few days later.
    await inject(patientId, { occurredAt: '2026-09-04T10:00:00+02:00' });
    const back = { reason: 'C’était bien elle' };
    const refused = await call('POST', `${path}/restore`, back, { 'if-match': '"2"' });
    expect([refused.status, refused.body.type]).toEqual([422, '/problems/dose-findings']);
    expect(refused.body.findings).toContainEqual(
      expect.objectContaining({ kind: 'rank_repeated', explanation: expect.stringContaining('rang 1') }),
    );
    expect((await call('GET', path)).body).toMatchObject({ state: 'entered_in_error', findings: [] });

    const insisting = { ...back, overrideReason: 'Deux doses vues au carnet' };
    const taken = await call('POST', `${path}/restore`, insisting, { 'if-match': '"2"' });
    expect([taken.status, taken.body.state]).toEqual([200, 'recorded']);
    expect(taken.body.overrideReason).toBe('Deux doses vues au carnet');
    expect(taken.body.findings).toEqual(refused.body.findings);
    const { body } = await call('GET', path);
    expect(body.history).toContainEqual(expect.objectContaining({ change: 'restore', reason: back.reason }));
    expect((await logged(patientId)).slice(-3)).toEqual([
      'injection.read',
      'injection.restore',
      'injection.read',
    ]);
  });

  it('comes back beside a dose recorded at the same instant, each judged with the other or before it', async () => {
    const patientId = await aFile();
    const early = await inject(patientId, { occurredAt: '2026-09-01T10:00:00+02:00' });
    const path = `patients/${patientId}/injections/${early.body.id}`;
    await call('DELETE', path, { reason: 'Autre patient' }, { 'if-match': '"1"' });
    const [back, other] = await Promise.all([
      call('POST', `${path}/restore`, { reason: 'Relu' }, { 'if-match': '"2"' }),
      inject(patientId, { occurredAt: '2026-09-04T10:00:00+02:00' }),
    ]);
    // Never both without a word: whoever comes second meets the first.
    expect([back.status, other.status].filter((status) => status === 422)).toHaveLength(1);
  });
});

describe('an act of a record that was merged', () => {
  it('is listed, read and corrected in the record that goes on', async () => {
    const kept = await aFile();
    const other = await aFile();
    const { body } = await inject(other);
    await database.db.update(patients).set({ mergedInto: kept }).where(eq(patients.id, other));
    const path = `patients/${kept}/injections`;
    expect((await call('GET', path)).body.items).toEqual([
      expect.objectContaining({ id: body.id, patientId: other }),
    ]);
    const corrected = await call(
      'PATCH',
      `${path}/${body.id}`,
      { lot: 'X1', reason: 'Relu' },
      { 'if-match': '"1"' },
    );
    expect(corrected.status).toBe(200);
    // It counts for what is entered next.
    expect((await inject(kept)).status).toBe(409);
  });
});
