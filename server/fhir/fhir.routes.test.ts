import { and, asc, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { directoryStructures } from '#server/directory/directory.table.ts';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { anImmunization, because, fhirClient } from '#server/testing/fhir-requests.ts';
import { aPatient } from '#server/testing/patients.ts';
import { signedInProfessional, signedInRole } from '#server/testing/professionals.ts';
import { recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { systems } from './systems.ts';

const database = testDatabase();
const server = testApp(database);
const base = '/fhir/R4';

const { fhir, form } = fhirClient(server);

async function created() {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const response = await fhir(doctor, 'POST', '/Immunization', anImmunization(patient.id));
  expect(response.statusCode, response.body).toBe(201);
  return { doctor, patient, resource: response.json(), one: `/Immunization/${response.json().id}`, response };
}

describe('the facade', () => {
  it('says what it can do', async () => {
    const response = await fhir(undefined, 'GET', '/metadata');
    expect(response.json()).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  });

  it('answers what it does not know with an OperationOutcome', async () => {
    const response = await fhir(undefined, 'GET', '/Encounter');
    expect([response.statusCode, response.json().issue[0].code]).toEqual([404, 'not-found']);
  });

  it.each([
    ['half a document', '{"resourceType":'],
    ['no object', '[]'],
    ['a text', '"Immunization"'],
  ])('refuses %s', async (_, payload) => {
    const doctor = await signedInProfessional(server);
    expect((await fhir(doctor, 'POST', '/Immunization', payload)).statusCode).toBe(400);
  });
});

describe('an Immunization', () => {
  it('is created, and is an injection like any other', async () => {
    const { doctor, patient, resource, response } = await created();
    expect(response.headers.etag).toBe('W/"1"');
    expect(response.headers.location).toMatch(new RegExp(`${base}/Immunization/${resource.id}$`));
    expect(resource).toMatchObject({
      status: 'completed',
      vaccineCode: { text: 'Comirnaty' },
      manufacturer: { identifier: { value: 'ORG-100030215' } },
      lotNumber: 'FE4721',
      doseQuantity: { value: 0.3, unit: 'mL' },
      protocolApplied: [{ doseNumberPositiveInt: 1, seriesDosesPositiveInt: 2 }],
    });
    expect(
      resource.performer.map(
        (each: { function: { coding: { code: string }[] } }) => each.function.coding[0]?.code,
      ),
    ).toEqual(['AP', 'EP', 'VP']);
    const injection = await server.app.inject({
      url: `/api/records/patients/${patient.id}/injections/${resource.id}`,
      headers: { cookie: doctor.cookie },
    });
    expect(injection.json()).toMatchObject({
      vaccine: 'comirnaty',
      lot: 'FE4721',
      arm: 'left',
      doseVolume: '0.3',
    });
  });

  it('is created once under one condition', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const headers = { 'if-none-exist': 'identifier=urn:centre:row|42' };
    const send = (more = {}) =>
      fhir(doctor, 'POST', '/Immunization', anImmunization(patient.id, more), headers);
    const [one, other] = [await send(), await send()];
    expect([one.statusCode, other.statusCode, other.json().id]).toEqual([201, 200, one.json().id]);
    expect((await send({ lotNumber: 'OTHER' })).statusCode).toBe(412);
  });

  it('is read with what followed it, and the reading is logged', async () => {
    const { doctor, patient, one, resource } = await created();
    await server.app.inject({
      method: 'POST',
      url: `/api/records/patients/${patient.id}/adverse-events`,
      headers: { cookie: doctor.cookie },
      payload: {
        injectionId: resource.id,
        onset: '2026-11-21T08:00:00+01:00',
        description: 'Fièvre',
        serious: false,
        outcome: 'recovered',
      },
    });
    const response = await fhir(doctor, 'GET', one);
    expect(response.json().reaction).toEqual([{ date: '2026-11-21T07:00:00.000Z', reported: false }]);
    const log = await database.db
      .select()
      .from(accessLog)
      .where(eq(accessLog.patientId, patient.id))
      .orderBy(asc(accessLog.place));
    expect(log.at(-1)).toMatchObject({ action: 'injection.read', route: 'GET /fhir/R4/Immunization/:id' });

    const events = await fhir(doctor, 'GET', `/AdverseEvent?subject=Patient/${patient.id}`);
    const [entry] = events.json().entry;
    expect(entry.resource).toMatchObject({
      actuality: 'actual',
      event: { text: 'Fièvre' },
      suspectEntity: [{ instance: { reference: `Immunization/${resource.id}` } }],
    });
    expect((await fhir(doctor, 'GET', `/AdverseEvent/${entry.resource.id}`)).json()).toEqual(entry.resource);
  });

  it('sent back as it was read changes nothing; corrected, it has a new version', async () => {
    const { doctor, one, resource } = await created();
    const put = (more: object, version: number) =>
      fhir(doctor, 'PUT', one, { ...resource, ...more }, { 'if-match': `W/"${version}"` });
    const lacking = await put({ lotNumber: 'FE9999' }, 1);
    expect([lacking.statusCode, lacking.json().issue[0].expression]).toEqual([
      422,
      ['Immunization.extension'],
    ]);
    const extension = [...resource.extension, because('Lot mal lu sur le flacon')];
    const corrected = await put({ lotNumber: 'FE9999', extension }, 1);
    expect([corrected.statusCode, corrected.headers.etag, corrected.json().lotNumber]).toEqual([
      200,
      'W/"2"',
      'FE9999',
    ]);
    const stale = await put({ lotNumber: 'FE0000', extension }, 1);
    expect([stale.statusCode, stale.json().issue[0].code]).toEqual([412, 'conflict']);
    expect((await fhir(doctor, 'PUT', one, resource)).statusCode).toBe(428);
  });

  it('says to nobody unlogged whether what is sent agrees with it', async () => {
    const { patient, one, resource } = await created();
    const other = await signedInProfessional(server);
    const reads = () =>
      database.db.$count(
        accessLog,
        and(eq(accessLog.patientId, patient.id), eq(accessLog.professionalId, other.professional.id)),
      );
    const sent = { ...resource, status: 'entered-in-error', lotNumber: 'FE0000' };
    const refused = await fhir(other, 'PUT', one, sent, { 'if-match': '*' });
    expect([refused.statusCode, refused.json().issue[0].code]).toEqual([422, 'invariant']);
    expect(await reads()).toBe(1);
  });

  it('is set aside by DELETE, and taken back by PUT', async () => {
    const { doctor, one, resource } = await created();
    expect((await fhir(doctor, 'DELETE', one)).statusCode).toBe(204);
    const aside = await fhir(doctor, 'GET', one);
    expect(aside.json()).toMatchObject({
      status: 'entered-in-error',
      statusReason: { text: expect.stringContaining('FHIR') },
    });
    const extension = [...resource.extension, because('Supprimée à tort')];
    const back = await fhir(doctor, 'PUT', one, { ...resource, extension }, { 'if-match': 'W/"2"' });
    expect([back.statusCode, back.json().status]).toEqual([200, 'completed']);
  });

  it('is taken back with a reason when others came in its place', async () => {
    const { doctor, patient, one, resource } = await created();
    expect((await fhir(doctor, 'DELETE', one)).statusCode).toBe(204);
    const next = anImmunization(patient.id, { occurrenceDateTime: '2026-11-22T10:00:00+01:00' });
    expect((await fhir(doctor, 'POST', '/Immunization', next)).statusCode).toBe(201);
    const extension = [...resource.extension, because('Supprimée à tort')];
    const put = (more: readonly object[]) =>
      fhir(doctor, 'PUT', one, { ...resource, extension: [...extension, ...more] }, { 'if-match': 'W/"2"' });
    const refused = await put([]);
    expect([refused.statusCode, refused.json().issue.at(-1).code]).toEqual([422, 'business-rule']);
    const insisting = { url: 'urn:aiguillage:fhir:override-reason', valueString: 'Deux doses au carnet' };
    const back = await put([insisting]);
    expect([back.statusCode, back.json().status]).toEqual([200, 'completed']);
  });

  it('tells who prefers it what is doubtful in it, and others nothing', async () => {
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const at = (value: string) => ({ location: { identifier: { system: systems.finess, value } } });
    const prefer = { prefer: 'respond-async, return=OperationOutcome' };
    const sent = anImmunization(patient.id, at('750000036'));
    const made = await fhir(doctor, 'POST', '/Immunization', sent, prefer);
    expect([made.statusCode, made.headers.etag]).toEqual([201, 'W/"1"']);
    expect(made.headers['preference-applied']).toBe('return=OperationOutcome');
    const warning = {
      severity: 'warning',
      code: 'business-rule',
      details: { text: expect.stringContaining('annuaire') },
      expression: ['Immunization.location.identifier.value'],
    };
    expect(made.json()).toEqual({ resourceType: 'OperationOutcome', issue: [warning] });
    const one = String(made.headers.location);
    const resource = (await fhir(doctor, 'GET', one)).json();
    const correct = (finess: string, version: string, headers = {}) => {
      const extension = [...resource.extension, because('Lieu mal lu')];
      const corrected = { ...resource, ...at(finess), extension };
      return fhir(doctor, 'PUT', one, corrected, { 'if-match': version, ...headers });
    };
    const mended = await correct('750000028', 'W/"1"', prefer);
    expect(mended.json().issue).toMatchObject([{ severity: 'information', code: 'informational' }]);
    const back = await correct('750000036', 'W/"2"');
    expect([back.statusCode, back.json().resourceType]).toEqual([200, 'Immunization']);
    const again = await correct('750000044', 'W/"3"', prefer);
    expect(again.json().issue).toEqual([warning]);
    await database.db.delete(directoryStructures);
  });

  it('that the dose rules warn of says why, and is taken with a reason', async () => {
    const { doctor, patient } = await created();
    const second = {
      occurrenceDateTime: '2026-11-22T10:00:00+01:00',
      protocolApplied: [{ doseNumberPositiveInt: 2, seriesDosesPositiveInt: 2 }],
    };
    const warned = await fhir(doctor, 'POST', '/Immunization', anImmunization(patient.id, second));
    expect(warned.statusCode).toBe(422);
    expect(warned.json().issue.at(-1)).toMatchObject({
      code: 'business-rule',
      details: { text: expect.stringMatching(/il faut au moins 21\sjours/) },
    });
    const extension = [{ url: 'urn:aiguillage:fhir:override-reason', valueString: 'Départ en mission' }];
    const taken = await fhir(
      doctor,
      'POST',
      '/Immunization',
      anImmunization(patient.id, { ...second, extension }),
    );
    expect(taken.statusCode).toBe(201);
  });

  const broken: readonly (readonly [string, (valid: Record<string, unknown>) => unknown, string])[] = [
    ['without status', ({ status: _, ...rest }) => rest, 'Immunization.status'],
    ['without vaccine', ({ vaccineCode: _, ...rest }) => rest, 'Immunization.vaccineCode'],
    ['without patient', ({ patient: _, ...rest }) => rest, 'Immunization.patient'],
    ['without occurrence', ({ occurrenceDateTime: _, ...rest }) => rest, 'Immunization.occurrence'],
    ['with two occurrences', (valid) => ({ ...valid, occurrenceString: 'hier' }), 'Immunization.occurrence'],
    [
      'with a day that is none',
      (valid) => ({ ...valid, expirationDate: '2026-02-30' }),
      'Immunization.expirationDate',
    ],
    [
      'with a date written otherwise',
      (valid) => ({ ...valid, occurrenceDateTime: '20/11/2026' }),
      'Immunization.occurrenceDateTime',
    ],
    [
      'with a leap second',
      (valid) => ({ ...valid, occurrenceDateTime: '2026-11-20T23:59:60Z' }),
      'Immunization.occurrenceDateTime',
    ],
    [
      'with the year 0',
      (valid) => ({ ...valid, expirationDate: '0000-01-01' }),
      'Immunization.expirationDate',
    ],
    [
      'with an instant without offset',
      (valid) => ({ ...valid, occurrenceDateTime: '2026-11-20T10:00:00' }),
      'Immunization.occurrenceDateTime',
    ],
    [
      'with a number as text',
      (valid) => ({ ...valid, doseQuantity: { value: '0.3' } }),
      'Immunization.doseQuantity.value',
    ],
    [
      'with a rank as text',
      (valid) => ({ ...valid, protocolApplied: [{ doseNumberPositiveInt: '1' }] }),
      'Immunization.protocolApplied[0].doseNumberPositiveInt',
    ],
    [
      'with a rank of 0',
      (valid) => ({ ...valid, protocolApplied: [{ doseNumberPositiveInt: 0 }] }),
      'Immunization.protocolApplied[0].doseNumberPositiveInt',
    ],
    [
      'with a boolean as text',
      (valid) => ({ ...valid, primarySource: 'true' }),
      'Immunization.primarySource',
    ],
    ['with an empty list', (valid) => ({ ...valid, performer: [] }), 'Immunization.performer'],
    ['with an empty text', (valid) => ({ ...valid, lotNumber: '' }), 'Immunization.lotNumber'],
    ['with an empty object', (valid) => ({ ...valid, site: {} }), 'Immunization.site'],
    ['with null', (valid) => ({ ...valid, lotNumber: null }), 'Immunization.lotNumber'],
    ['with an element of its own', (valid) => ({ ...valid, batch: 'FE4721' }), 'Immunization.batch'],
    [
      'with one deeper down',
      (valid) => ({ ...valid, vaccineCode: { coding: [{ system: 'urn:x', codes: 'a' }] } }),
      'Immunization.vaccineCode.coding[0].codes',
    ],
    [
      'with a list where one is meant',
      (valid) => ({ ...valid, lotNumber: ['FE4721'] }),
      'Immunization.lotNumber',
    ],
    ['with one where a list is meant', (valid) => ({ ...valid, performer: {} }), 'Immunization.performer'],
    [
      'with a performer without actor',
      (valid) => ({ ...valid, performer: [{ function: { text: 'AP' } }] }),
      'Immunization.performer[0].actor',
    ],
    [
      'with an element of Object.prototype',
      (valid) => JSON.parse(JSON.stringify(valid).replace('{', '{"__proto__":{"a":1},')),
      '',
    ],
  ];

  it.each(broken)('%s is refused, with the place', async (_, breakIt, expression) => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const response = await fhir(doctor, 'POST', '/Immunization', breakIt(anImmunization(patient.id)));
    expect(response.statusCode).toBe(400);
    if (expression !== '') {
      expect(response.json().issue.map((each: { expression: string[] }) => each.expression[0])).toContain(
        expression,
      );
    }
  });

  it.each([
    ['a status that we do not keep', { status: 'not-done' }, 'Immunization.status'],
    ['a day without its time', { occurrenceDateTime: '2026-11-20' }, 'Immunization.occurrence'],
    ['the future', { occurrenceDateTime: '2026-12-20T10:00:00+01:00' }, 'Immunization.occurrence'],
    ['an element that we have no place for', { note: [{ text: 'x' }] }, 'Immunization.note'],
    [
      'an unknown vaccine',
      { vaccineCode: { coding: [{ system: 'urn:x', code: 'y' }] } },
      'Immunization.vaccineCode',
    ],
    [
      'a code that two vaccines share',
      { vaccineCode: { coding: [{ system: 'http://www.whocc.no/atc', code: 'J07BN01' }] } },
      'Immunization.vaccineCode',
    ],
    [
      'an extension of others',
      { extension: [{ url: 'urn:x', valueCode: 'y' }] },
      'Immunization.extension[0].url',
    ],
    [
      'a maker that is not the vaccine’s',
      { manufacturer: { identifier: { value: 'ORG-1' } } },
      'Immunization.manufacturer.identifier.value',
    ],
    ['a patient that is none', { patient: { reference: 'Patient/1' } }, 'Immunization.patient.reference'],
    [
      'a patient that nobody knows',
      { patient: { reference: 'Patient/00000000-0000-4000-8000-000000000000' } },
      'Immunization.patient.reference',
    ],
    ['an expired lot', { expirationDate: '2026-01-31' }, 'Immunization.expirationDate'],
  ])('with %s is FHIR, and refused', async (_, more, expression) => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    const response = await fhir(doctor, 'POST', '/Immunization', anImmunization(patient.id, more));
    expect(response.statusCode, response.body).toBe(422);
    expect(response.json().issue[0].expression).toEqual([expression]);
  });
});

describe('a search', () => {
  it('is paged, filtered, and may ask for some elements', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    for (const [place, day] of ['2026-01-10', '2026-03-10', '2026-08-10'].entries()) {
      await recordedInjection(server, doctor, patient.id, {
        occurredAt: `${day}T10:00:00+01:00`,
        doseRank: place + 1,
        doseTotal: 3,
        overrideReason: 'Reprise du dossier papier',
      });
    }
    const search = `/Immunization?patient=Patient/${patient.id}`;
    const first = (await fhir(doctor, 'GET', `${search}&_count=2`)).json();
    expect([first.type, first.total, first.entry.length]).toEqual(['searchset', 3, 2]);
    const next = first.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    const second = (await fhir(doctor, 'GET', next.slice(next.indexOf(base) + base.length))).json();
    expect(second.entry).toHaveLength(1);
    const count = async (more: string) => (await fhir(doctor, 'GET', `${search}${more}`)).json().total;
    expect(await count('&date=ge2026-03&date=lt2026-08')).toBe(1);
    expect(await count('&_lastUpdated=lt2020')).toBe(0);
    expect(await count('&status=entered-in-error')).toBe(0);
    expect(await count('&vaccine-code=comirnaty')).toBe(3);
    const part = (await fhir(doctor, 'GET', `${search}&_elements=lotNumber`)).json().entry[0].resource;
    expect(Object.keys(part).sort()).toEqual(
      [
        'id',
        'lotNumber',
        'meta',
        'occurrenceDateTime',
        'patient',
        'resourceType',
        'status',
        'vaccineCode',
      ].sort(),
    );
    expect(part.meta.tag[0].code).toBe('SUBSETTED');
  });

  it.each(['', '?patient=x', '?patient=Patient/1&surname=x', '?_count=a'])(
    'for injections that cannot be answered is refused: %s',
    async (query) => {
      const doctor = await signedInProfessional(server);
      expect((await fhir(doctor, 'GET', `/Immunization${query}`)).statusCode).toBe(400);
    },
  );

  it('for a patient is by POST, by NIR or by traits, and tells no NIR', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps, { birthFamilyName: 'Évrard', birthGivenNames: 'Zoé Anne' });
    const nir = patient.nir ?? '';
    const byNir = await form(doctor, '/Patient/_search', {
      identifier: `urn:oid:1.2.250.1.213.1.4.8|${nir}`,
    });
    expect(byNir.json().entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([
      patient.id,
    ]);
    expect(byNir.body).not.toContain(nir);
    const traits = { family: 'evrard', given: 'zoe', birthdate: '1984-05-12' };
    expect((await form(doctor, '/Patient/_search', traits)).json().total).toBe(1);
    expect((await form(doctor, '/Patient/_search', { family: 'evrard' })).statusCode).toBe(400);
    const never = { ...traits, birthdate: '0000-01-01' };
    expect((await form(doctor, '/Patient/_search', never)).statusCode).toBe(400);
    const read = await fhir(doctor, 'GET', `/Patient/${patient.id}`);
    expect(read.json()).toMatchObject({
      name: [{ use: 'official', family: 'Évrard', given: ['Zoé', 'Anne'] }],
      birthDate: '1984-05-12',
    });
  });

  it('for a patient is refused in an address', async () => {
    const doctor = await signedInProfessional(server);
    const response = await fhir(doctor, 'GET', '/Patient?family=evrard');
    expect([response.statusCode, response.json().issue[0].details.text]).toEqual([
      400,
      expect.stringContaining('POST'),
    ]);
  });
});

describe('every interaction, for every kind of professional', () => {
  const roles = {
    nobody: { read: 401, write: 401 },
    independentDoctor: { read: 200, write: 403 },
    hospitalNurse: { read: 200, write: 403 },
    pharmacist: { read: 200, write: 403 },
    secretary: { read: 200, write: 403 },
    undelegated: { read: 403, write: 403 },
    standIn: { read: 403, write: 403 },
  } as const;
  const table = Object.entries(roles).flatMap(([role, { read, write }]) => [
    [role, 'GET', 'Immunization/:id', read] as const,
    [role, 'GET', 'Immunization', read] as const,
    [role, 'PUT', 'Immunization/:id', write] as const,
    [role, 'DELETE', 'Immunization/:id', write] as const,
    [role, 'GET', 'Patient/:id', read] as const,
    [role, 'GET', 'AdverseEvent', read] as const,
    [
      role,
      'POST',
      'Immunization',
      role === 'nobody' ? 401 : ['secretary', 'undelegated', 'standIn'].includes(role) ? 403 : 201,
    ] as const,
  ]);

  it.each(table)('%s: %s %s answers %i', async (role, method, target, status) => {
    const { patient, resource } = await created();
    const who = await signedInRole(server, role as keyof typeof roles);
    const other = await aPatient(server.deps);
    const path = {
      'Immunization/:id': `/Immunization/${resource.id}`,
      Immunization: method === 'POST' ? '/Immunization' : `/Immunization?patient=${patient.id}`,
      'Patient/:id': `/Patient/${patient.id}`,
      AdverseEvent: `/AdverseEvent?subject=${patient.id}`,
    }[target];
    const changed = { ...resource, lotNumber: 'X1', extension: [...resource.extension, because('raison')] };
    const body = method === 'POST' ? anImmunization(other.id) : method === 'PUT' ? changed : undefined;
    const response = await fhir(
      who,
      method,
      path ?? '',
      body,
      method === 'PUT' ? { 'if-match': 'W/"1"' } : {},
    );
    expect(response.statusCode, response.body).toBe(status);
  });
});
