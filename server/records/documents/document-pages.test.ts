import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readPicture } from '#server/certificates/codes/read-picture.ts';
import { fitConsultation } from '#server/testing/acts.ts';
import { aPatient } from '#server/testing/patients.ts';
import { anExercise, signedInDelegate, signedInProfessional } from '#server/testing/professionals.ts';
import { ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

import { accessLog } from '../access-log/access-log.table.ts';
import { documentToolsOf } from './document-tools-of.ts';
import { purgeBatches } from './purge-batches.ts';
import { renewDocuments } from './renew-documents.ts';
import { runSummaryBatch } from './run-batch.ts';

const database = testDatabase();
const server = testApp(database);

type Who = Awaited<ReturnType<typeof signedInProfessional>>;

const open = (who: Who, url: string) =>
  server.app.inject({ method: 'GET', url, headers: { cookie: who.cookie, accept: 'text/html' } });

const send = (who: Who, url: string, fields: Record<string, string>) =>
  server.app.inject({
    method: 'POST',
    url,
    headers: {
      cookie: who.cookie,
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
      origin: server.deps.config.publicUrl,
    },
    payload: new URLSearchParams(fields).toString(),
  });

const tokenOf = (html: string) => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('the pages of an establishment’s summaries', () => {
  const structure = { name: 'Hôpital', siteFiness: '750000011', legalFiness: null, siret: null };

  it('ask for them, follow them without scripts, and open the file; of whom one is impossible is said', async () => {
    const doctor = await signedInProfessional(server, { actingAs: anExercise({ mode: 'S', structure }) });
    const place = { kind: 'establishment', finess: '750000011', name: 'Hôpital' };
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id, { place });
    const other = await aPatient(server.deps, { birthFamilyName: 'Zorn' });
    const mistaken = await recordedInjection(server, doctor, other.id, { place });
    expect((await open(doctor, '/dossiers')).body).toContain('href="/dossiers/bilans"');
    const page = await open(doctor, '/dossiers/bilans');
    const token = tokenOf(page.body);
    const days = { firstDay: '2026-11-20', lastDay: '2026-11-23' };
    const empty = await send(doctor, '/dossiers/bilans', { ...days, lastDay: '', token });
    expect([empty.statusCode, empty.body.includes('Indiquez une date.')]).toEqual([422, true]);
    expect(empty.body).toContain('value="2026-11-20"');
    const impossible = await send(doctor, '/dossiers/bilans', { ...days, firstDay: '2026-02-30', token });
    expect([impossible.statusCode, impossible.body.includes('Indiquez une date.')]).toEqual([422, true]);
    const asked = await send(doctor, '/dossiers/bilans', { ...days, token });
    expect(asked.statusCode, asked.body).toBe(303);
    const address = String(asked.headers.location);
    expect((await open(doctor, address)).headers.refresh).toBe('5');
    const item = `/api/records/patients/${other.id}/injections/${mistaken}`;
    await ask(server, doctor, 'DELETE', item, { reason: 'Autre personne' }, { 'if-match': '"1"' });
    const tools = await documentToolsOf(server.deps);
    const rights = await server.deps.identity.rights.current();
    const batch = address.split('/').at(-1) ?? '';
    await runSummaryBatch({ ...tools, rights, now: () => server.clock.now() }, batch);
    const done = await open(doctor, address);
    expect(done.headers.refresh).toBeUndefined();
    expect(done.body).toMatch(/Zorn[^<]*<\/a> – Rien à certifier/);
    const file = await open(doctor, `${address}.pdf`);
    expect([file.statusCode, file.headers['content-type']]).toEqual([200, 'application/pdf']);
    const nextWeek = new Date(server.clock.now().getTime() + 8 * 86_400_000);
    expect(await purgeBatches(database.db, nextWeek)).toBe(1);
    expect((await open(doctor, `${address}.pdf`)).statusCode).toBe(404);
  });
});

describe('the documents of a patient’s file', () => {
  it('are issued by a form, and opened from their card', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id);
    const address = `/dossiers/${patient.id}/documents`;
    expect((await open(doctor, `/dossiers/${patient.id}`)).body).toContain(`href="${address}"`);
    const page = await open(doctor, address);
    expect(page.body).toContain('Aucun document n’a encore été établi.');
    for (const kind of ['summary', 'attestation']) {
      const made = await send(doctor, address, { token: tokenOf(page.body), kind, language: 'both' });
      expect([made.statusCode, made.body]).toEqual([303, '']);
      const after = await open(doctor, String(made.headers.location));
      const [, pdf = ''] = /href="(\/dossiers\/[^"]+\.pdf)"/.exec(after.body) ?? [];
      expect((await open(doctor, pdf)).headers['content-type']).toBe('application/pdf');
      expect(after.body).toContain('est établi et signé.');
    }
  });

  it('give an attestation’s codes as pictures for a phone, to whoever may print it, each logged', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id);
    const url = `/api/records/patients/${patient.id}/certificates`;
    const { number, hc1, twoDDoc } = (await ask(server, doctor, 'POST', url, {})).json();
    const { body } = await open(doctor, `/dossiers/${patient.id}/documents`);
    const links = [...body.matchAll(/href="(\/dossiers\/[^"]+\.(?:png|svg))"/g)].map(([, href = '']) => href);
    expect(links.map((href) => href.split('/').at(-1))).toEqual([
      'dcc.png',
      'dcc.svg',
      '2d-doc.png',
      '2d-doc.svg',
    ]);
    for (const href of links) {
      const picture = await open(doctor, href);
      expect(picture.headers['content-disposition']).toContain(`attachment; filename="${number}-`);
      if (!href.endsWith('.png')) continue;
      expect(await readPicture(new Uint8Array(picture.rawPayload))).toEqual([
        href.includes('dcc') ? hc1 : twoDDoc,
      ]);
    }
    const logged = await database.db
      .select({ action: accessLog.action })
      .from(accessLog)
      .where(eq(accessLog.patientId, patient.id));
    expect(logged.filter(({ action }) => action === 'attestation.print')).toHaveLength(4);
    const secretary = await signedInDelegate(server);
    expect((await open(secretary, links[0] ?? '')).statusCode).toBe(403);
  });

  it('say that acts were entered since, and lead to a new one', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id);
    await ask(server, doctor, 'POST', `/api/records/patients/${patient.id}/summaries`, {});
    server.clock.advance(60_000);
    await ask(server, doctor, 'POST', `/api/records/patients/${patient.id}/consultations`, fitConsultation);
    const { body } = await open(doctor, `/dossiers/${patient.id}/documents`);
    expect(body).toContain('1 acte a été ajouté au dossier depuis.');
    expect(body).toContain('href="#make"');
  });

  it('keep what was chosen when they are refused, with the reason', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const address = `/dossiers/${patient.id}/documents`;
    const token = tokenOf((await open(doctor, address)).body);
    const refused = await send(doctor, address, { token, kind: 'attestation', language: 'both' });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('Une attestation dit une injection');
    expect(refused.body).toContain('<option value="attestation" selected>');
    expect((await send(doctor, address, { token: 'old', kind: 'summary' })).statusCode).toBe(403);
    const nothing = await send(doctor, address, { token, kind: 'everything' });
    expect([nothing.statusCode, nothing.body.includes('Choisissez un document.')]).toEqual([422, true]);
  });

  it('are not made by a secretary to whom nobody delegated printing', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id);
    const secretary = await signedInDelegate(server);
    const page = await open(secretary, `/dossiers/${patient.id}/documents?lang=en`);
    expect(page.body).toContain('No professional who validated an act of this record lets you print.');
    expect(page.body).not.toContain('id="kind"');
  });

  it('say why one was withdrawn, and what replaces it', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    await recordedInjection(server, doctor, patient.id);
    const url = `/api/records/patients/${patient.id}`;
    const old = (await ask(server, doctor, 'POST', `${url}/summaries`, {})).json();
    const change = { birthFamilyName: 'Lemaître', reason: 'Nom mal lu' };
    await ask(server, doctor, 'PATCH', url, change, { 'if-match': '"1"' });
    const tools = await documentToolsOf(server.deps);
    const changed = { patientId: patient.id, changedBy: doctor.professional.id };
    expect(await renewDocuments(tools, changed, server.clock.now())).toEqual({ withdrawn: 1, issued: 1 });
    const { body } = await open(doctor, `/dossiers/${patient.id}/documents`);
    expect(body).toContain(old.number);
    expect(body).toContain('Le dossier a été corrigé depuis');
    expect(body).toMatch(/Il est remplacé par BV-2026-\d{6}/);
    expect(body).toContain(`Consulter le document retiré ${old.number}`);
    expect(body).not.toContain(`imprimer ${old.number}`);
  });
});
