import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { issuedCertificates, revocations } from '../../certificates/certificates.table.ts';
import { aPatient } from '../../testing/patients.ts';
import { anExercise, signedInProfessional } from '../../testing/professionals.ts';
import { ask, recordedInjection } from '../../testing/record-requests.ts';
import { testApp } from '../../testing/test-app.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { documentToolsOf } from '../documents/document-tools-of.ts';
import { patientDocuments, summaryBatches, summaryBatchItems } from '../documents/documents.table.ts';
import { renewDocuments } from '../documents/renew-documents.ts';
import { runSummaryBatch } from '../documents/run-batch.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { archiveRecords } from './archive-records.ts';

const database = testDatabase();
const server = testApp(database);

it('a record that leaves takes its signed documents with it; that they were withdrawn stays known, and nothing of whom', async () => {
  const { db } = database;
  const structure = { name: 'Hôpital', siteFiness: '750000011', legalFiness: null, siret: null };
  const doctor = await signedInProfessional(server, { actingAs: anExercise({ mode: 'S', structure }) });
  const place = { kind: 'establishment', finess: '750000011', name: 'Hôpital' };
  const patient = await aPatient(server.deps, { createdAt: server.clock.now() });
  await recordedInjection(server, doctor, patient.id, { place });
  const url = `/api/records/patients/${patient.id}`;
  const days = { firstDay: '2026-11-20', lastDay: '2026-11-20' };
  const batch = (await ask(server, doctor, 'POST', '/api/records/summary-batches', days)).json();
  const tools = await documentToolsOf(server.deps);
  const rights = await server.deps.identity.rights.current();
  await runSummaryBatch({ ...tools, rights, now: () => server.clock.now() }, batch.id);
  const old = (await ask(server, doctor, 'POST', `${url}/certificates`, {})).json();
  const change = { birthFamilyName: 'Lemaître', reason: 'Nom mal lu' };
  await ask(server, doctor, 'PATCH', url, change, { 'if-match': '"1"' });
  const changed = { patientId: patient.id, changedBy: doctor.professional.id };
  expect(await renewDocuments(tools, changed, server.clock.now())).toEqual({ withdrawn: 2, issued: 2 });
  expect(await db.select().from(issuedCertificates)).toHaveLength(4);

  const later = new Date(server.clock.now().getTime() + 11 * 366 * 86_400_000);
  const years = { keptYears: 10, archivedYears: 30 };
  const vault = nirVault(server.deps.config.records);
  const { archived } = await archiveRecords(db, vault, years, later, { dryRun: false });
  expect(archived.map(({ patientId }) => patientId)).toEqual([patient.id]);
  expect(await db.select().from(issuedCertificates)).toEqual([]);
  expect(await db.select().from(patientDocuments)).toEqual([]);
  expect(await db.select().from(summaryBatchItems)).toEqual([]);
  // What they were printed together in tells them too.
  expect(await db.select().from(summaryBatches).where(eq(summaryBatches.id, batch.id))).toEqual([]);

  const known = await db.select().from(revocations);
  const references = known.map(({ reference }) => reference);
  expect(references).toEqual(expect.arrayContaining([old.number, old.uvci.split('#')[0]]));
  expect(JSON.stringify(known)).not.toContain(patient.birthFamilyName);
  const verdict = await ask(server, undefined, 'POST', '/api/certificates/verify', { hc1: old.hc1 });
  expect(verdict.json().problems.map(({ code }: { code: string }) => code)).toContain('revoked');
  const query = new URLSearchParams({ numero: old.number, code: old.verificationCode });
  expect((await server.app.inject(`/verifier?${query}`)).statusCode).toBe(422);
});
