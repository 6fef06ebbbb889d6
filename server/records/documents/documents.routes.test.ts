import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { verifyDocument } from '#server/certificates/verify-code.ts';
import { fitConsultation } from '#server/testing/acts.ts';
import { aPatient } from '#server/testing/patients.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { anInjectionBody, ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { delegations } from '../delegations/delegations.table.ts';

const database = testDatabase();
const server = testApp(database);

async function vaccinated() {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, doctor, patient.id);
  return { doctor, patient, injectionId, url: `/api/records/patients/${patient.id}` };
}

const actionsOf = async (patientId: string) =>
  (
    await database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId)).orderBy(accessLog.id)
  ).map(({ action, onBehalfOf }) => ({ action, onBehalfOf }));

/** Lets somebody enter and perhaps print for a professional, all this year. */
async function delegated(
  from: SignedInProfessional,
  to: SignedInProfessional,
  scope: 'entry' | 'entry_and_print',
) {
  await database.db.insert(delegations).values({
    delegatorId: from.professional.id,
    delegateIdentifier: to.professional.nationalIdentifier,
    delegateName: 'Secrétariat',
    scope,
    validFrom: '2026-01-01',
    createdAt: new Date('2026-01-01'),
  });
}

describe('a signed summary', () => {
  it('is issued, logged, and printed the same to the byte', async () => {
    const { doctor, patient, url } = await vaccinated();
    expect((await ask(server, doctor, 'POST', `${url}/consultations`, fitConsultation)).statusCode).toBe(201);
    const made = await ask(server, doctor, 'POST', `${url}/summaries`, { bilingual: true });
    expect(made.statusCode, made.body).toBe(201);
    const summary = made.json();
    expect(summary).toMatchObject({
      number: expect.stringMatching(/^BV-2026-\d{6}$/),
      verificationCode: expect.stringMatching(/^.{4}-.{4}-.{4}$/),
      signedBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
      withdrawn: null,
    });
    const [first, again] = [
      await ask(server, doctor, 'GET', summary.pdf),
      await ask(server, doctor, 'GET', summary.pdf),
    ];
    expect(first.headers['content-type']).toBe('application/pdf');
    expect(first.rawPayload.equals(again.rawPayload)).toBe(true);
    const verdict = await verifyDocument(new Uint8Array(first.rawPayload), {
      db: database.db,
      trust: await server.deps.certificates.keys.trust(),
      now: server.clock.now(),
    });
    expect(verdict).toMatchObject({
      valid: true,
      content: {
        number: summary.number,
        validatedBy: expect.stringContaining(doctor.professional.familyName),
      },
    });
    const listed = await ask(server, doctor, 'GET', `${url}/summaries`);
    expect(listed.json().items).toEqual([summary]);
    const actions = (await actionsOf(patient.id)).map(({ action }) => action);
    expect(actions.slice(-4)).toEqual(['summary.create', 'summary.print', 'summary.print', 'document.list']);
  });

  it.each([
    ['summaries', 'document-nothing-recorded'],
    ['certificates', 'document-no-injection'],
  ])('or attestation (%s) of nothing is refused, in words, and logged as a read', async (what, code) => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const refused = await ask(server, doctor, 'POST', `/api/records/patients/${patient.id}/${what}`, {});
    expect([refused.statusCode, refused.json().type]).toEqual([422, `/problems/${code}`]);
    expect(await actionsOf(patient.id)).toEqual([{ action: 'patient.read', onBehalfOf: null }]);
  });

  it('waits for the validation of what was entered for somebody', async () => {
    const { doctor, url, patient } = await vaccinated();
    const secretary = await signedInProfessional(server, kinds.secretary());
    await delegated(doctor, secretary, 'entry_and_print');
    const performedBy = doctor.professional.nationalIdentifier;
    const second = anInjectionBody({
      performedBy,
      doseRank: 2,
      occurredAt: '2026-11-23T08:00:00+01:00',
      overrideReason: 'Départ',
    });
    const entered = await ask(server, secretary, 'POST', `${url}/injections`, second);
    expect(entered.statusCode, entered.body).toBe(201);
    for (const who of [doctor, secretary]) {
      const refused = await ask(server, who, 'POST', `${url}/summaries`, { signer: performedBy });
      expect([refused.statusCode, refused.json().type]).toEqual([422, '/problems/document-not-validated']);
      expect(refused.json().detail).toContain(doctor.professional.familyName);
    }
    const validated = await ask(
      server,
      doctor,
      'POST',
      `${url}/injections/${entered.json().id}/validate`,
      undefined,
      {
        'if-match': entered.headers.etag ?? '',
      },
    );
    expect(validated.statusCode, validated.body).toBe(200);
    const made = await ask(server, secretary, 'POST', `${url}/summaries`, { signer: performedBy });
    expect(made.json()).toMatchObject({
      signedBy: { nationalIdentifier: performedBy },
      requestedBy: { nationalIdentifier: secretary.professional.nationalIdentifier },
    });
    expect((await ask(server, secretary, 'GET', made.json().pdf)).statusCode).toBe(200);
    expect((await actionsOf(patient.id)).slice(-2)).toEqual([
      { action: 'summary.create', onBehalfOf: doctor.professional.id },
      { action: 'summary.print', onBehalfOf: doctor.professional.id },
    ]);
  });

  it('is neither signed nor printed by a delegate who may only enter, nor signed in the name of a stranger', async () => {
    const { doctor, url } = await vaccinated();
    const secretary = await signedInProfessional(server, kinds.secretary());
    await delegated(doctor, secretary, 'entry');
    const signer = doctor.professional.nationalIdentifier;
    const entryOnly = await ask(server, secretary, 'POST', `${url}/summaries`, { signer });
    expect(entryOnly.json()).toMatchObject({
      status: 403,
      type: '/problems/no-delegation',
      why: 'entry_only',
    });
    expect((await ask(server, secretary, 'POST', `${url}/summaries`, {})).statusCode).toBe(403);
    const made = await ask(server, doctor, 'POST', `${url}/summaries`, {});
    expect((await ask(server, secretary, 'GET', made.json().pdf)).statusCode).toBe(403);
    const stranger = await signedInProfessional(server);
    await delegated(stranger, secretary, 'entry_and_print');
    const theirs = await ask(server, secretary, 'POST', `${url}/summaries`, {
      signer: stranger.professional.nationalIdentifier,
    });
    expect(theirs.json()).toMatchObject({ status: 403, type: '/problems/document-not-theirs' });
  });
});

describe('an attestation', () => {
  it('is of no injection of somebody else', async () => {
    const { doctor, url } = await vaccinated();
    const { injectionId } = await vaccinated();
    const refused = await ask(server, doctor, 'POST', `${url}/certificates`, { injectionId });
    expect([refused.statusCode, refused.json().type]).toEqual([404, '/problems/no-such-act']);
  });

  it('carries both codes, which verify, also as pictures', async () => {
    const { doctor, url, injectionId } = await vaccinated();
    const made = await ask(server, doctor, 'POST', `${url}/certificates`, { injectionId });
    expect(made.statusCode, made.body).toBe(201);
    const { hc1, twoDDoc, uvci, pictures } = made.json();
    expect(uvci).toMatch(/^URN:UVCI:01:FR:/);
    for (const code of [{ hc1 }, { twoDDoc }]) {
      const verdict = await ask(server, undefined, 'POST', '/api/certificates/verify', code);
      expect(verdict.json()).toMatchObject({ valid: true, content: { dose: '1/2', date: '2026-11-20' } });
    }
    for (const [name, address] of Object.entries(pictures as Record<string, string>)) {
      const picture = await ask(server, doctor, 'GET', address);
      expect([name, picture.headers['content-type']]).toEqual([
        name,
        name.endsWith('Png') ? 'image/png' : expect.stringContaining('image/svg+xml'),
      ]);
      expect(picture.rawPayload.length).toBeGreaterThan(500);
    }
  });

  it.each([
    ['entry', false],
    ['entry_and_print', true],
  ] as const)('is listed to a delegate of scope %s with its codes: %s', async (scope, withCodes) => {
    const { doctor, url } = await vaccinated();
    const secretary = await signedInProfessional(server, kinds.secretary());
    await delegated(doctor, secretary, scope);
    const { hc1, twoDDoc, ...rest } = (await ask(server, doctor, 'POST', `${url}/certificates`, {})).json();
    const listed = await ask(server, secretary, 'GET', `${url}/certificates`);
    expect(listed.json().items).toEqual([withCodes ? { ...rest, hc1, twoDDoc } : rest]);
    const own = await ask(server, doctor, 'GET', `${url}/certificates`);
    expect(own.json().items).toEqual([{ ...rest, hc1, twoDDoc }]);
  });

  it('says why a vaccine or a name has none', async () => {
    const doctor = await signedInProfessional(server);
    const refusal = async (patientId: string) =>
      (await ask(server, doctor, 'POST', `/api/records/patients/${patientId}/certificates`, {})).json().type;
    const protein = await aPatient(server.deps);
    await recordedInjection(server, doctor, protein.id, { vaccine: 'nuvaxovid' });
    expect(await refusal(protein.id)).toBe('/problems/cannot-certify-maker');
    const unwritable = await aPatient(server.deps, { birthFamilyName: '山田' });
    await recordedInjection(server, doctor, unwritable.id);
    expect(await refusal(unwritable.id)).toBe('/problems/cannot-certify-name');
  });
});
