import { and, eq, isNull } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { verifyDocument } from '#server/certificates/verify-code.ts';
import { outbox } from '#server/database/outbox.table.ts';
import type { MailTransport } from '#server/mail/transport.ts';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { askAgain } from '#server/records/documents/ask-again.ts';
import { patientDocuments } from '#server/records/documents/documents.table.ts';
import { aPatient } from '#server/testing/patients.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { runJob } from './run-job.ts';

const database = testDatabase();
const server = testApp(database);
const mail: MailTransport = {
  deliver: () => Promise.reject(new Error('documents are not mailed')),
  close: async () => {},
};

/** Runs what the outbox holds, as the workers would; `times` for each: a job may be handed over more than once. */
async function work(times = 1) {
  const rows = await database.db.select().from(outbox).where(isNull(outbox.relayedAt)).orderBy(outbox.id);
  for (const { id, job, payload } of rows) {
    for (let time = 0; time < times; time += 1) await runJob(job, payload, { ...server.deps, mail });
    await database.db.update(outbox).set({ relayedAt: server.clock.now() }).where(eq(outbox.id, id));
  }
}

async function certified() {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, doctor, patient.id);
  const url = `/api/records/patients/${patient.id}`;
  const summary = (await ask(server, doctor, 'POST', `${url}/summaries`, {})).json();
  const certificate = (await ask(server, doctor, 'POST', `${url}/certificates`, {})).json();
  await work();
  return { doctor, patient, injectionId, url, summary, certificate };
}
type Certified = Awaited<ReturnType<typeof certified>>;

const change = (
  { doctor, url, injectionId }: Certified,
  method: 'PATCH' | 'DELETE' | 'POST',
  version: number,
  body: object,
  to = '',
) =>
  ask(server, doctor, method, `${url}/injections/${injectionId}${to}`, body, { 'if-match': `"${version}"` });

const reason = 'Le numéro était mal lu';

const listed = async (
  { doctor, url }: Pick<Certified, 'doctor' | 'url'>,
  kind: 'summaries' | 'certificates',
) => (await ask(server, doctor, 'GET', `${url}/${kind}`)).json().items;

const verified = async (hc1: string) =>
  (await ask(server, undefined, 'POST', '/api/certificates/verify', { hc1 })).json();

async function pdfVerdict({ doctor }: Pick<Certified, 'doctor'>, address: string) {
  const { rawPayload } = await ask(server, doctor, 'GET', address);
  const trust = await server.deps.certificates.keys.trust();
  return verifyDocument(new Uint8Array(rawPayload), { db: database.db, trust, now: server.clock.now() });
}

describe('what was issued of a record', () => {
  it('is revoked and issued anew when an injection is corrected', async () => {
    const known = await certified();
    expect((await verified(known.certificate.hc1)).valid).toBe(true);
    const corrected = await change(known, 'PATCH', 1, { reason, occurredAt: '2026-11-19T10:00:00+01:00' });
    expect(corrected.statusCode, corrected.body).toBe(200);
    await work();

    const [certificate, oldCertificate] = await listed(known, 'certificates');
    const [summary, oldSummary] = await listed(known, 'summaries');
    expect(oldCertificate).toMatchObject({
      number: known.certificate.number,
      withdrawn: { reason: 'corrected', replacedBy: certificate.number },
    });
    expect(oldSummary).toMatchObject({ withdrawn: { reason: 'corrected', replacedBy: summary.number } });
    const old = await verified(known.certificate.hc1);
    expect([old.valid, old.problems.map(({ code }: { code: string }) => code)]).toEqual([false, ['revoked']]);
    expect(await verified(certificate.hc1)).toMatchObject({ valid: true, content: { date: '2026-11-19' } });
    expect((await pdfVerdict(known, oldSummary.pdf)).valid).toBe(false);
    expect((await pdfVerdict(known, summary.pdf)).valid).toBe(true);
    const log = await database.db.select().from(accessLog).where(eq(accessLog.patientId, known.patient.id));
    const actions = log.map(({ action }) => action);
    for (const action of ['summary.withdraw', 'summary.renew', 'attestation.withdraw', 'attestation.renew']) {
      expect(actions.filter((each) => each === action)).toHaveLength(1);
    }
  });

  it('stands when a change does not concern it', async () => {
    const known = await certified();
    expect((await change(known, 'PATCH', 1, { reason, arm: 'right' })).statusCode).toBe(200);
    await work();
    expect(await listed(known, 'certificates')).toEqual([known.certificate]);
    // The bilan's version is the one that it tells; which arm it was stands nowhere on it.
    expect((await listed(known, 'summaries'))[0].withdrawn).toBeNull();
  });

  it('is revoked when nothing is left of it, and comes back with what is restored', async () => {
    const known = await certified();
    expect((await change(known, 'DELETE', 1, { reason })).statusCode).toBe(200);
    await work();
    expect(await listed(known, 'certificates')).toMatchObject([
      { number: known.certificate.number, withdrawn: { reason: 'entered_in_error', replacedBy: null } },
    ]);
    expect((await verified(known.certificate.hc1)).valid).toBe(false);
    expect((await change(known, 'POST', 2, { reason }, '/restore')).statusCode).toBe(200);
    await work();
    const [certificate, old] = await listed(known, 'certificates');
    expect(certificate.withdrawn).toBeNull();
    expect(old.withdrawn.replacedBy).toBe(certificate.number);
    expect((await verified(certificate.hc1)).valid).toBe(true);
    expect((await verified(known.certificate.hc1)).valid).toBe(false);
  });

  it('is issued anew with a corrected name', async () => {
    const known = await certified();
    const headers = { 'if-match': '"1"' };
    const renamed = { birthFamilyName: 'Lemaître', reason };
    const answer = await ask(server, known.doctor, 'PATCH', known.url, renamed, headers);
    expect(answer.statusCode, answer.body).toBe(200);
    await work();
    const [certificate] = await listed(known, 'certificates');
    expect((await verified(certificate.hc1)).content.name).toContain('Lemaître');
    expect((await verified(known.certificate.hc1)).valid).toBe(false);
  });

  it('tells each injection once when records are merged, and each its own when they are parted', async () => {
    const known = await certified();
    const other = await certified();
    const into = known.patient.id;
    const merge = await ask(
      server,
      known.doctor,
      'POST',
      `${other.url}/merge`,
      { into, reason },
      { 'if-match': '"1"' },
    );
    expect(merge.statusCode, merge.body).toBeLessThan(300);
    await work();
    const summaries = await listed(known, 'summaries');
    // The same dose in both records is one: the summary of the one stands as it was.
    expect(summaries).toContainEqual(known.summary);
    expect(summaries.filter((each: { withdrawn: unknown }) => each.withdrawn === null)).toHaveLength(2);
    expect((await verified(other.certificate.hc1)).valid).toBe(false);
    expect((await verified(known.certificate.hc1)).valid).toBe(true);

    const part = await ask(
      server,
      known.doctor,
      'POST',
      `${other.url}/unmerge`,
      { reason },
      { 'if-match': '"2"' },
    );
    expect(part.statusCode, part.body).toBeLessThan(300);
    await work();
    expect(await listed(known, 'summaries')).toEqual([known.summary]);
    const [certificate, ...former] = await listed(other, 'certificates');
    expect((await verified(certificate.hc1)).content.name).toContain(other.patient.birthFamilyName);
    expect(former.map((each: { withdrawn: object | null }) => each.withdrawn !== null)).toEqual([true, true]);
  });

  it('is renewed once, however often the job runs, and also when it was killed after the withdrawal', async () => {
    const known = await certified();
    await change(known, 'PATCH', 1, { reason, lot: 'FE9999' });
    // A key that does not sign: the worker dies between withdrawing and issuing.
    const { certificates } = server.deps;
    const broken = {
      ...certificates,
      pool: { ...certificates.pool, summary: () => Promise.reject(new Error('killed')) },
    };
    const [row] = await database.db
      .select()
      .from(outbox)
      .where(and(isNull(outbox.relayedAt), eq(outbox.job, 'renew-documents')));
    if (!row) throw new Error('the correction asked for a renewal');
    await expect(
      runJob(row.job, row.payload, { ...server.deps, certificates: broken, mail }),
    ).rejects.toThrow('killed');
    expect((await listed(known, 'summaries'))[0].withdrawn).toMatchObject({ replacedBy: null });

    // The job has given up: what is withdrawn and not replaced is asked for again.
    await database.db.delete(outbox).where(eq(outbox.id, row.id));
    expect(await askAgain(database.db, server.clock.now())).toBeGreaterThan(0);
    await work(3);
    const ofPatient = eq(patientDocuments.patientId, known.patient.id);
    const rows = await database.db.select().from(patientDocuments).where(ofPatient);
    expect(rows.filter(({ kind }) => kind === 'summary')).toHaveLength(2);
    expect(rows.filter(({ kind, withdrawnAt }) => kind === 'summary' && withdrawnAt === null)).toHaveLength(
      1,
    );
  });
});
