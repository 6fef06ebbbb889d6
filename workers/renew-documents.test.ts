import { and, eq, isNull, sql } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { verifyDocument } from '#server/certificates/verify-code.ts';
import { outbox } from '#server/database/outbox.table.ts';
import type { MailTransport } from '#server/mail/transport.ts';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { injections } from '#server/records/acts/acts.table.ts';
import { askAgain } from '#server/records/documents/ask-again.ts';
import { askForRenewal } from '#server/records/documents/ask-for-renewal.ts';
import { patientDocuments } from '#server/records/documents/documents.table.ts';
import { fitConsultation } from '#server/testing/acts.ts';
import { eventually } from '#server/testing/eventually.ts';
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
    for (const { number, verificationCode } of [oldSummary, oldCertificate]) {
      const query = new URLSearchParams({ numero: number, code: verificationCode });
      const { body } = await server.app.inject(`/verifier?${query}`);
      expect(body).toContain('Motif : le dossier a été corrigé depuis.');
      expect(body).toContain('23 novembre 2026');
      for (const told of [known.patient.birthFamilyName, 'Comirnaty', 'FE4721'])
        expect(body).not.toContain(told);
    }
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

  it('stands beside what is entered since, and says so; corrected, it tells all', async () => {
    const known = await certified();
    server.clock.advance(60_000);
    const added = await ask(server, known.doctor, 'POST', `${known.url}/consultations`, fitConsultation);
    expect(added.statusCode, added.body).toBe(201);
    expect((await change(known, 'PATCH', 1, { reason, arm: 'right' })).statusCode).toBe(200);
    await work();
    expect(await listed(known, 'summaries')).toEqual([{ ...known.summary, actsSince: 1 }]);
    expect(await listed(known, 'certificates')).toEqual([known.certificate]);
    server.clock.advance(60_000);
    expect((await change(known, 'PATCH', 2, { reason, lot: 'FE9999' })).statusCode).toBe(200);
    await work();
    const [renewed, old] = await listed(known, 'summaries');
    expect(old.withdrawn.replacedBy).toBe(renewed.number);
    expect(renewed.actsSince).toBe(0);
  });

  it('is renewed in the name of who validated the correction', async () => {
    const known = await certified();
    const colleague = await signedInProfessional(server);
    const theirs = (await ask(server, colleague, 'POST', `${known.url}/summaries`, {})).json();
    expect(theirs.signedBy.nationalIdentifier).toBe(colleague.professional.nationalIdentifier);
    server.clock.advance(60_000);
    await change(known, 'PATCH', 1, { reason, lot: 'FE9999' });
    await work();
    const all = await listed(known, 'summaries');
    const old = all.find(({ number }: { number: string }) => number === theirs.number);
    const renewed = all.find(({ number }: { number: string }) => number === old.withdrawn.replacedBy);
    const { nationalIdentifier } = known.doctor.professional;
    expect(renewed.signedBy.nationalIdentifier).toBe(nationalIdentifier);
    const { content } = await pdfVerdict(known, renewed.pdf);
    expect(content?.validatedBy).toContain(nationalIdentifier.slice(1));
    // A name is no act: who signed the first still answers.
    const renamed = { birthFamilyName: 'Lemaître', reason };
    await ask(server, known.doctor, 'PATCH', known.url, renamed, { 'if-match': '"1"' });
    await work();
    const [last] = await listed(known, 'summaries');
    expect(last.signedBy.nationalIdentifier).toBe(nationalIdentifier);
  });

  it('waits for a change under way, also by the address of a merged record', async () => {
    const known = await certified();
    const other = await aPatient(server.deps);
    const into = known.patient.id;
    const merged = { url: `/api/records/patients/${other.id}`, etag: { 'if-match': '"1"' } };
    const merge = await ask(
      server,
      known.doctor,
      'POST',
      `${merged.url}/merge`,
      { into, reason },
      merged.etag,
    );
    expect(merge.statusCode, merge.body).toBeLessThan(300);
    await work();
    const asked = await database.db.transaction(async (tx) => {
      await askForRenewal(tx, [other.id], known.doctor.professional.id, server.clock.now());
      await tx
        .update(injections)
        .set({ lot: 'FE0001', version: 2 })
        .where(eq(injections.id, known.injectionId));
      const issuing = ask(server, known.doctor, 'POST', `${known.url}/summaries`, {});
      // inject() begins with its first listener.
      void issuing.then();
      await vi.waitFor(async () => {
        const { rows } = await database.db.execute(
          sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(1);
      }, eventually);
      return { issuing };
    });
    const made = await asked.issuing;
    expect(made.statusCode, made.body).toBe(201);
    await work();
    // It was made anew of what the change left, so that nothing is to be withdrawn of it.
    const all = await listed(known, 'summaries');
    const { number } = made.json();
    expect(all.find((each: { number: string }) => each.number === number)?.withdrawn).toBeNull();
    expect(made.json().recordVersion).not.toBe(known.summary.recordVersion);
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
