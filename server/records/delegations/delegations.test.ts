import { eq } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aPatient, firstDose, fitConsultation, type Json, recordsCaller } from '#server/testing/acts.ts';
import {
  delegateEntry,
  kinds,
  type SignedInProfessional,
  signedInDelegate,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
let secretary: SignedInProfessional;
let asDoctor: ReturnType<typeof recordsCaller>;
let asSecretary: ReturnType<typeof recordsCaller>;
let patientId: string;

beforeAll(() => server.clock.set('2026-11-23T10:00:00+01:00'));
beforeEach(async () => {
  server.clock.set('2026-11-23T10:00:00+01:00');
  doctor = await signedInProfessional(server);
  secretary = await signedInProfessional(server, kinds.secretary());
  asDoctor = recordsCaller(server, doctor);
  asSecretary = recordsCaller(server, secretary);
  patientId = (await aPatient(database.db, doctor.professional)).id;
});

const delegate = (changes: Json = {}) =>
  asDoctor('POST', 'delegations', {
    delegateIdentifier: secretary.professional.nationalIdentifier,
    delegateName: 'Dominique Petit',
    scope: 'entry',
    validFrom: '2026-11-20',
    validTo: '2026-11-25',
    ...changes,
  });
const enter = (changes: Json = {}) =>
  asSecretary('POST', `patients/${patientId}/injections`, {
    ...firstDose,
    performedBy: doctor.professional.nationalIdentifier,
    ...changes,
  });

describe('a delegation', () => {
  it('is listed on both sides, and ended from either', async () => {
    const { status, body } = await delegate();
    expect([status, body.state]).toEqual([201, 'current']);
    const [ofDoctor, ofSecretary] = [
      await asDoctor('GET', 'delegations'),
      await asSecretary('GET', 'delegations'),
    ];
    expect(ofDoctor.body).toEqual({ given: [body], received: [] });
    expect(ofSecretary.body).toEqual({ given: [], received: [body] });
    const stranger = recordsCaller(server, await signedInProfessional(server));
    expect((await stranger('DELETE', `delegations/${body.id}`)).status).toBe(404);
    expect((await asSecretary('DELETE', `delegations/${body.id}`)).status).toBe(204);
    expect((await asDoctor('DELETE', `delegations/${body.id}`)).status).toBe(204);
    expect((await asDoctor('GET', 'delegations')).body.given).toEqual([
      expect.objectContaining({ state: 'revoked', revokedAt: '2026-11-23T09:00:00.000Z' }),
    ]);
  });

  it.each([
    ['an identifier that is none', { delegateIdentifier: '12 ?' }, '/delegateIdentifier'],
    ['a structure that is none', { structure: 'here' }, '/structure'],
    ['an end before the beginning', { validTo: '2026-11-19' }, '/validTo'],
    ['an end in the past', { validFrom: '2026-11-01', validTo: '2026-11-22' }, '/validTo'],
  ])('refuses %s', async (_, changes, path) => {
    const { status, body } = await delegate(changes);
    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path })]]);
  });

  it('is not for oneself, and not for staff to give', async () => {
    const own = { delegateIdentifier: doctor.professional.nationalIdentifier };
    expect((await delegate(own)).status).toBe(422);
    const { status } = await asSecretary('POST', 'delegations', {
      delegateIdentifier: '810100000001',
      delegateName: 'X',
      scope: 'entry',
      validFrom: '2026-11-23',
    });
    expect(status).toBe(403);
  });

  it('takes an RPPS number as people write it', async () => {
    const { body } = await delegate({ delegateIdentifier: '101 0000 0017' });
    expect(body.delegateIdentifier).toBe('810100000017');
  });
});

describe('an entry on behalf of a professional', () => {
  it('has three names, waits for validation, and is logged with whose it is', async () => {
    await delegate();
    const { status, body, headers } = await enter();
    expect(status).toBe(201);
    const [performer, enterer] = [doctor, secretary].map(({ professional: { nationalIdentifier } }) => ({
      nationalIdentifier,
    }));
    expect(body).toMatchObject({ performedBy: performer, enteredBy: enterer, validatedBy: null });
    expect(typeof body.delegationId).toBe('string');
    const [entry] = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId));
    expect(entry).toMatchObject({
      action: 'injection.create',
      professionalId: secretary.professional.id,
      onBehalfOf: doctor.professional.id,
    });
    const path = `patients/${patientId}/injections/${body.id}/validate`;
    const etag = { 'if-match': String(headers.etag) };
    expect((await asSecretary('POST', path, undefined, etag)).status).toBe(403);
    const stranger = recordsCaller(server, await signedInProfessional(server));
    expect((await stranger('POST', path, undefined, etag)).status).toBe(403);
    const validated = await asDoctor('POST', path, undefined, etag);
    expect(validated.body).toMatchObject({ validatedBy: performer, version: 2 });
  });

  it('is by the delegation given last, where several cover it', async () => {
    const given: unknown[] = [];
    for (const scope of ['entry', 'entry_and_print', 'entry']) {
      given.push((await delegate({ scope })).body.id);
      server.clock.advance(1000);
    }
    expect((await enter()).body.delegationId).toBe(given.at(-1));
  });

  it('is refused without one, with the reason', async () => {
    const { body: alone } = await enter();
    expect([alone.status, alone.type]).toEqual([403, '/problems/not-delegated-to']);
    const search = { birthFamilyName: 'Zorn', givenNames: ['Max'] };
    expect((await asSecretary('POST', 'patients/search', search)).body.type).toBe(
      '/problems/not-delegated-to',
    );
    await delegateEntry(database.db, secretary.professional);
    const { status, body } = await enter();
    expect([status, body.type, body.why]).toEqual([403, '/problems/no-delegation', 'none']);
    expect((await asSecretary('POST', `patients/${patientId}/injections`, firstDose)).status).toBe(403);
  });

  // The act's own day, in Paris, decides: both bounds are included.
  it.each([
    ['2026-11-20T00:00:00+01:00', 201],
    ['2026-11-19T23:59:59+01:00', 'not_yet'],
    // Still the 19th in UTC, the 20th in Paris.
    ['2026-11-19T23:30:00Z', 201],
    ['2026-11-25T23:59:00+01:00', 201],
    ['2026-11-26T00:00:00+01:00', 'ended'],
  ])('of %s → %s', async (occurredAt, outcome) => {
    await delegate();
    server.clock.set('2026-12-01T10:00:00+01:00');
    // Days after its end, by a session opened then.
    asSecretary = recordsCaller(server, await again(secretary));
    const { status, body } = await enter({ occurredAt });
    expect(status === 201 ? 201 : body.why).toBe(outcome);
  });

  it('holds on the days on which the clocks change', async () => {
    server.clock.set('2026-10-25T12:00:00+01:00');
    doctor = await signedInProfessional(server);
    asDoctor = recordsCaller(server, doctor);
    asSecretary = recordsCaller(server, await again(secretary));
    await delegate({ validFrom: '2026-10-25', validTo: '2026-10-25' });
    server.clock.set('2026-10-26T08:00:00+01:00');
    asSecretary = recordsCaller(server, await again(secretary));
    expect((await enter({ occurredAt: '2026-10-24T23:59:00+02:00' })).body.why).toBe('not_yet');
    // Both hours from two to three, and the day's first and last minutes.
    for (const [place, occurredAt] of [
      '2026-10-25T00:00:00+02:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T02:30:00+01:00',
      '2026-10-25T23:59:00+01:00',
    ].entries()) {
      const again = { notADuplicate: true, overrideReason: 'Essai', lot: `LOT${place}` };
      expect((await enter({ occurredAt, ...again })).status).toBe(201);
    }
    expect((await enter({ occurredAt: '2026-10-26T00:00:00+01:00' })).body.why).toBe('ended');
  });

  it('of an act before the revocation may still be entered after it; one after it may not', async () => {
    const { body } = await delegate();
    server.clock.set('2026-11-23T10:10:00+01:00');
    await asDoctor('DELETE', `delegations/${body.id}`);
    server.clock.set('2026-11-23T10:20:00+01:00');
    const late = await enter({ occurredAt: '2026-11-23T10:11:00+01:00' });
    expect([late.status, late.body.why]).toEqual([403, 'revoked']);
    expect((await enter({ occurredAt: '2026-11-23T10:09:00+01:00' })).status).toBe(201);
  });

  it('is for the structure that was named', async () => {
    await delegate({ structure: '750000011' });
    const hospital = { kind: 'establishment', finess: '750000011' };
    const other = { kind: 'establishment', finess: '750000037' };
    expect((await enter({ place: other })).body.why).toBe('structure');
    expect((await enter({ place: hospital })).status).toBe(201);
  });

  it('covers consultations, and corrections of what was entered, which wait again', async () => {
    await delegate();
    const consulted = await asSecretary('POST', `patients/${patientId}/consultations`, {
      ...fitConsultation,
      performedBy: doctor.professional.nationalIdentifier,
    });
    expect(consulted.body.validatedBy).toBeNull();
    const path = `patients/${patientId}/consultations/${consulted.body.id}`;
    await asDoctor('POST', `${path}/validate`, undefined, { 'if-match': '"1"' });
    const corrected = await asSecretary(
      'PATCH',
      path,
      { comment: 'Revue avec le patient', reason: 'Oubli' },
      { 'if-match': '"2"' },
    );
    expect(corrected.body).toMatchObject({ version: 3, validatedBy: null, comment: 'Revue avec le patient' });
    const mended = await asDoctor('PATCH', path, { comment: 'Vu', reason: 'Relu' }, { 'if-match': '"3"' });
    expect(mended.body.validatedBy).toMatchObject({
      nationalIdentifier: doctor.professional.nationalIdentifier,
    });
  });

  it.each([
    ['the day of', '/occurredAt', { occurredAt: '2026-11-19T09:00:00+01:00' }],
    ['the place of', '/place/finess', { place: { kind: 'establishment', finess: '750000037' } }],
  ])('does not let a delegate move %s an act out of the delegation', async (_, path, moved) => {
    await delegate({ structure: '750000011' });
    const place = { kind: 'establishment', finess: '750000011' };
    const injected = await enter({ place });
    const consulted = await asSecretary('POST', `patients/${patientId}/consultations`, {
      ...fitConsultation,
      place,
      performedBy: doctor.professional.nationalIdentifier,
    });
    for (const [kind, { body }] of Object.entries({ injections: injected, consultations: consulted })) {
      const address = `patients/${patientId}/${kind}/${body.id}`;
      const change = { ...moved, reason: 'Relu' };
      const refused = await asSecretary('PATCH', address, change, { 'if-match': '"1"' });
      expect([refused.status, refused.body.type]).toEqual([403, '/problems/no-delegation']);
      expect(refused.body.errors).toEqual([expect.objectContaining({ path })]);
      const within = { occurredAt: '2026-11-21T09:00:00+01:00', reason: 'Relu' };
      expect((await asSecretary('PATCH', address, within, { 'if-match': '"1"' })).status).toBe(200);
      expect((await asDoctor('PATCH', address, change, { 'if-match': '"2"' })).status).toBe(200);
    }
  });

  it('can no more be corrected by a delegate of acts that came after the revocation', async () => {
    const given = await delegate();
    const { body } = await enter();
    await asDoctor('DELETE', `delegations/${given.body.id}`);
    const path = `patients/${patientId}/injections/${body.id}`;
    const change = { lot: 'X1', reason: 'Relu' };
    // The act is of before: still theirs to mend.
    expect((await asSecretary('PATCH', path, change, { 'if-match': '"1"' })).status).toBe(200);
    const stranger = recordsCaller(server, await signedInDelegate(server));
    expect((await stranger('PATCH', path, change, { 'if-match': '"2"' })).body.type).toBe(
      '/problems/act-of-another',
    );
  });
});

async function again(who: SignedInProfessional): Promise<SignedInProfessional> {
  const { signInAs } = await import('#server/testing/professionals.ts');
  const { professionals } = await import('#server/identity/identity.table.ts');
  const [stored] = await database.db
    .select()
    .from(professionals)
    .where(eq(professionals.id, who.professional.id));
  if (!stored) throw new Error('nobody of that id');
  return signInAs(server, stored, who.professional.actingAs);
}
