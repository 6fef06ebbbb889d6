import { PDF } from '@libpdf/core';
import { and, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import type { MailTransport } from '#server/mail/transport.ts';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { patientDocuments } from '#server/records/documents/documents.table.ts';
import { aPatient } from '#server/testing/patients.ts';
import { anExercise, kinds, signedInProfessional } from '#server/testing/professionals.ts';
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
const url = '/api/records/summary-batches';
const days = { firstDay: '2026-11-20', lastDay: '2026-11-20' };

let hospitals = 0;

/** A salaried doctor of a hospital of their own, who may supervise. */
async function supervisor() {
  hospitals += 1;
  const siteFiness = `75000${String(hospitals).padStart(4, '0')}`;
  const structure = { name: 'Hôpital', siteFiness, legalFiness: null, siret: null };
  const doctor = await signedInProfessional(server, { actingAs: anExercise({ mode: 'S', structure }) });
  return { doctor, place: { kind: 'establishment', finess: siteFiness, name: 'Hôpital' } };
}

describe('the summaries of an establishment', () => {
  it('are one job with progress and one file, resumed where it was killed, each logged', async () => {
    const { doctor, place } = await supervisor();
    const patients = [];
    for (const birthFamilyName of ['Cartier', 'Arnaud', 'Bernard']) {
      const patient = await aPatient(server.deps, {
        birthFamilyName,
        familyNameKey: birthFamilyName.toUpperCase(),
      });
      await recordedInjection(server, doctor, patient.id, { place });
      patients.push(patient);
    }
    const elsewhere = await aPatient(server.deps);
    await recordedInjection(server, doctor, elsewhere.id);

    const started = await ask(server, doctor, 'POST', url, days);
    expect(started.statusCode, started.body).toBe(202);
    expect(started.json()).toMatchObject({ state: 'waiting', waiting: 3, issued: 0, pdf: null });
    const one = `${url}/${started.json().id}`;
    expect((await ask(server, doctor, 'GET', `${one}.pdf`)).json().type).toBe('/problems/batch-not-done');

    const [job] = await database.db.select().from(outbox).where(eq(outbox.job, 'make-summaries'));
    if (!job) throw new Error('the batch asked for its job');
    expect(job.payload).toEqual({ batchId: started.json().id });
    // The worker dies at the second document.
    const { certificates } = server.deps;
    let made = 0;
    const dying: typeof certificates = {
      ...certificates,
      pool: {
        ...certificates.pool,
        summary: (...given) => {
          made += 1;
          return made > 1 ? Promise.reject(new Error('killed')) : certificates.pool.summary(...given);
        },
      },
    };
    const dead = runJob(job.job, job.payload, { ...server.deps, certificates: dying, mail });
    await expect(dead).rejects.toThrow('killed');
    expect((await ask(server, doctor, 'GET', one)).json()).toMatchObject({
      state: 'running',
      waiting: 2,
      issued: 1,
    });
    for (let time = 0; time < 2; time += 1) await runJob(job.job, job.payload, { ...server.deps, mail });
    const done = (await ask(server, doctor, 'GET', one)).json();
    expect(done).toMatchObject({ state: 'done', waiting: 0, issued: 3, refused: 0, pages: 3 });

    const file = await ask(server, doctor, 'GET', done.pdf);
    const pdf = await PDF.load(new Uint8Array(file.rawPayload));
    const texts = pdf.getPages().map((page) => page.extractText().text);
    expect(texts.map((text) => /Arnaud|Bernard|Cartier/.exec(text)?.[0])).toEqual([
      'Arnaud',
      'Bernard',
      'Cartier',
    ]);
    for (const patient of patients) {
      const ofPatient = eq(patientDocuments.patientId, patient.id);
      expect(await database.db.select().from(patientDocuments).where(ofPatient)).toHaveLength(1);
      const logged = await database.db
        .select({ action: accessLog.action })
        .from(accessLog)
        .where(eq(accessLog.patientId, patient.id));
      const actions = logged.map(({ action }) => action);
      expect(actions.filter((action) => action === 'summary.create')).toHaveLength(1);
      expect(actions).toContain('summary.print');
    }
  });

  it('are taken up again when the queue lost them, and only then', async () => {
    const { doctor, place } = await supervisor();
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id, { place });
    const { id } = (await ask(server, doctor, 'POST', url, days)).json();
    const jobs = async () =>
      (
        await database.db.select().from(outbox).where(eq(outbox.job, 'make-summaries')).orderBy(outbox.id)
      ).filter(({ payload }) => JSON.stringify(payload).includes(id));
    const sweep = () => runJob('sweep', {}, { ...server.deps, mail });
    await sweep();
    expect(await jobs()).toHaveLength(1);
    server.clock.advance(16 * 60_000);
    await sweep();
    await sweep();
    expect(await jobs()).toHaveLength(2);
    const [, again] = await jobs();
    if (!again) throw new Error('the batch was asked for again');
    await runJob(again.job, again.payload, { ...server.deps, mail });
    expect((await ask(server, doctor, 'GET', `${url}/${id}`)).json()).toMatchObject({
      state: 'done',
      issued: 1,
    });
    server.clock.advance(16 * 60_000);
    await sweep();
    expect(await jobs()).toHaveLength(2);
  });

  it('go on past what cannot be certified, and say how many', async () => {
    const { doctor, place } = await supervisor();
    const patient = await aPatient(server.deps);
    const injectionId = await recordedInjection(server, doctor, patient.id, { place });
    const started = (await ask(server, doctor, 'POST', url, days)).json();
    const item = `/api/records/patients/${patient.id}/injections/${injectionId}`;
    await ask(server, doctor, 'DELETE', item, { reason: 'Autre personne' }, { 'if-match': '"1"' });
    await runJob('make-summaries', { batchId: started.id }, { ...server.deps, mail });
    const done = (await ask(server, doctor, 'GET', `${url}/${started.id}`)).json();
    expect(done).toMatchObject({ state: 'done', issued: 0, refused: 1, pages: 0, pdf: null });
  });

  it('are for those who supervise an establishment, and seen by who asked for them', async () => {
    const { doctor, place } = await supervisor();
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id, { place });
    const { id } = (await ask(server, doctor, 'POST', url, days)).json();
    const other = await supervisor();
    expect((await ask(server, other.doctor, 'GET', `${url}/${id}`)).statusCode).toBe(404);
    expect((await ask(server, other.doctor, 'GET', `${url}/${id}.pdf`)).statusCode).toBe(404);
    expect((await ask(server, other.doctor, 'POST', url, days)).json().type).toBe('/problems/batch-nobody');
    const wrong = await ask(server, doctor, 'POST', url, { firstDay: '2026-11-21', lastDay: '2026-11-20' });
    expect([wrong.statusCode, wrong.json().errors[0].path]).toEqual([422, '/lastDay']);
    for (const kind of [kinds.independentDoctor(), kinds.hospitalNurse(), kinds.secretary()]) {
      const who = await signedInProfessional(server, kind);
      expect((await ask(server, who, 'POST', url, days)).statusCode).toBe(403);
    }
    const jobs = await database.db
      .select()
      .from(outbox)
      .where(and(eq(outbox.job, 'make-summaries')));
    expect(JSON.stringify(jobs.map(({ payload }) => payload))).not.toContain(patient.birthFamilyName);
  });
});
