import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { accessLog } from '#server/records/access-log/access-log.table.ts';
import { injections } from '#server/records/acts/acts.table.ts';
import { patients } from '#server/records/patients/patients.table.ts';
import { anImmunization, because, fhirClient } from '#server/testing/fhir-requests.ts';
import { nirLeaks } from '#server/testing/nir-leaks.ts';
import { aNir, aPatient } from '#server/testing/patients.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { anInjectionBody, ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const { fhir, form } = fhirClient(server);

interface Bundle {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    // biome-ignore lint/suspicious/noExplicitAny: the validators check the shapes; tests look at what they need.
    readonly resource: any;
    readonly request?: { readonly method: string };
    readonly search?: { readonly mode: string };
  }[];
}

const linkOf = ({ link }: Bundle, relation: string) => link.find((each) => each.relation === relation)?.url;
const idsOf = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource.id as string);

/** A patient with so many doses, a day apart, and who gave them. */
async function aSeries(count: number) {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const first = await recordedInjection(server, doctor, patient.id, {
    occurredAt: '2025-01-01T10:00:00+01:00',
  });
  const [row] = await database.db.select().from(injections).where(eq(injections.id, first));
  if (!row) throw new Error('the first dose was stored');
  const { id: _, idempotencyKey: __, ...columns } = row;
  const more = Array.from({ length: count - 1 }, (_each, place) => {
    const occurredAt = new Date(Date.UTC(2025, 0, 2 + place, 9));
    return { ...columns, occurredAt, day: occurredAt.toISOString().slice(0, 10) };
  });
  if (more.length > 0) await database.db.insert(injections).values(more);
  return { doctor, patient, first, search: `/Immunization?patient=Patient/${patient.id}` };
}

describe('the pages of a search', () => {
  it('show every injection once, past any number, though one is added and one corrected meanwhile', async () => {
    const { doctor, search, patient } = await aSeries(640);
    const seen: string[] = [];
    let bundle: Bundle = (await fhir(doctor, 'GET', `${search}&_count=200`)).json();
    expect(bundle.total).toBe(640);
    for (let next: string | undefined; ; ) {
      seen.push(...idsOf(bundle));
      if (seen.length === 200) {
        await recordedInjection(server, doctor, patient.id, {
          ...anInjectionBody({ doseRank: 9, overrideReason: 'Rappel saisi pendant la lecture' }),
        });
      }
      next = linkOf(bundle, 'next');
      if (next === undefined) break;
      expect(next).not.toContain(patient.id);
      bundle = (await fhir(doctor, 'GET', next)).json();
    }
    expect(seen).toHaveLength(640);
    expect(new Set(seen).size).toBe(640);
  });

  it.each(['date', '-date', '_lastUpdated', '-_lastUpdated'])('are sorted by %s', async (sort) => {
    const { doctor, search } = await aSeries(5);
    const all: Bundle = (await fhir(doctor, 'GET', `${search}&_sort=${sort}`)).json();
    const first: Bundle = (await fhir(doctor, 'GET', `${search}&_sort=${sort}&_count=3`)).json();
    const second: Bundle = (await fhir(doctor, 'GET', linkOf(first, 'next') ?? '')).json();
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all));
    const days = (all.entry ?? []).map(({ resource }) => resource.occurrenceDateTime as string);
    if (sort.endsWith('date')) {
      expect(days).toEqual(sort === 'date' ? days.toSorted() : days.toSorted().reverse());
    }
  });

  it('are opened by who asked alone, and beside nothing else', async () => {
    const { doctor, search } = await aSeries(3);
    const next = linkOf((await fhir(doctor, 'GET', `${search}&_count=1`)).json(), 'next') ?? '';
    const other = await signedInProfessional(server);
    expect((await fhir(other, 'GET', next)).statusCode).toBe(400);
    expect((await fhir(doctor, 'GET', `${next}&status=completed`)).statusCode).toBe(400);
    expect((await fhir(doctor, 'GET', '/Immunization?_cursor=abc')).statusCode).toBe(400);
    expect((await fhir(doctor, 'GET', next.replace('Immunization', 'AdverseEvent'))).statusCode).toBe(400);
  });

  it('of patients found by their NIR hold no NIR, and log everybody shown', async () => {
    const doctor = await signedInProfessional(server);
    const nir = aNir();
    const twins = [
      await aPatient(server.deps, { nir, ofParent: true, birthGivenNames: 'Ana' }),
      await aPatient(server.deps, { nir, ofParent: true, birthGivenNames: 'Eva' }),
      await aPatient(server.deps, { nir, birthGivenNames: 'Léa' }),
    ];
    const fields = { identifier: `urn:oid:1.2.250.1.213.1.4.8|${nir}`, _count: '2' };
    const response = await form(doctor, '/Patient/_search', fields);
    const first: Bundle = response.json();
    expect([first.total, idsOf(first).length]).toEqual([3, 2]);
    const next = linkOf(first, 'next') ?? '';
    const second = await fhir(doctor, 'GET', next);
    expect([...idsOf(first), ...idsOf(second.json())].toSorted()).toEqual(
      twins.map(({ id }) => id).toSorted(),
    );
    expect(linkOf(second.json(), 'next')).toBeUndefined();
    const texts = {
      first: response.body,
      second: second.body,
      next: Buffer.from(next, 'base64url').toString('latin1'),
    };
    expect(nirLeaks([nir], texts)).toEqual([]);
    for (const { id } of twins) {
      const log = await database.db.select().from(accessLog).where(eq(accessLog.patientId, id));
      expect(log.length).toBeGreaterThan(0);
    }
  });
});

describe('what a search filters by', () => {
  it('is asked of the database: codes, status, instants with their prefixes and alternatives', async () => {
    const { doctor, search, first } = await aSeries(4);
    const count = async (more: string) => (await fhir(doctor, 'GET', `${search}${more}`)).json().total;
    expect(await count('&date=2025-01-01')).toBe(1);
    expect(await count('&date=2025-01-01,2025-01-02')).toBe(2);
    expect(await count('&date=sa2025-01-01')).toBe(3);
    // As far as a program goes that asks for everything.
    expect(await count('&date=le9999-12-31&_lastUpdated=le9999')).toBe(4);
    expect(await count('&date=ge0000-01-01T00:00:00Z')).toBe(4);
    expect(await count('&date=ne2025-01-01&date=lt2025-01-03')).toBe(1);
    expect(await count('&vaccine-code=http://www.whocc.no/atc|J07BN01')).toBe(4);
    expect(await count('&vaccine-code=urn:aiguillage:vaccine|spikevax,comirnaty')).toBe(4);
    expect(await count('&vaccine-code=urn:x|comirnaty')).toBe(0);
    expect(await count('&vaccine-code=EU/1/20/1528')).toBe(4);
    expect(await count('&status=not-done')).toBe(0);
    expect(await count(`&_id=${first},x`)).toBe(1);
    await fhir(doctor, 'DELETE', `/Immunization/${first}`);
    expect(await count('&status=entered-in-error')).toBe(1);
    expect(await count('&status=completed')).toBe(3);
  });

  it('finds a dose of merged records once', async () => {
    const { doctor, patient, search, first } = await aSeries(1);
    const twin = await aPatient(server.deps);
    const same = { occurredAt: '2025-01-01T10:00:00+01:00' };
    await recordedInjection(server, doctor, twin.id, same);
    await recordedInjection(server, doctor, twin.id, {
      occurredAt: '2025-02-01T10:00:00+01:00',
      doseRank: 2,
    });
    await database.db.update(patients).set({ mergedInto: patient.id }).where(eq(patients.id, twin.id));
    const found: Bundle = (await fhir(doctor, 'GET', search)).json();
    expect([found.total, idsOf(found).includes(first)]).toEqual([2, true]);
  });

  it('may ask for the count alone, no total, or a part', async () => {
    const { doctor, search } = await aSeries(2);
    const ask = async (more: string): Promise<Bundle> =>
      (await fhir(doctor, 'GET', `${search}${more}`)).json();
    for (const more of ['&_summary=count', '&_count=0']) {
      const counted = await ask(more);
      expect([counted.total, counted.entry]).toEqual([2, undefined]);
    }
    expect((await ask('&_total=none')).total).toBeUndefined();
    const [entry] = (await ask('&_summary=true')).entry ?? [];
    expect(entry?.resource).toMatchObject({ primarySource: true, meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(entry?.resource.lotNumber).toBeUndefined();
  });

  it.each([
    '&surname=x',
    '&_sort=lot',
    '&_sort=date,_lastUpdated',
    '&_total=most',
    '&_summary=all',
    '&date=x',
  ])('is refused when it is not known: %s', async (more) => {
    const { doctor, search } = await aSeries(1);
    expect((await fhir(doctor, 'GET', `${search}${more}`)).statusCode).toBe(400);
  });

  it('has as many alternatives as a page shows at most, so that its next link can be followed', async () => {
    const doctor = await signedInProfessional(server);
    const { id } = await aPatient(server.deps);
    const search = (count: number) =>
      form(doctor, '/Patient/_search', { _count: '1', _id: Array(count).fill(id).join() });
    expect((await search(201)).statusCode).toBe(400);
    const next = linkOf((await search(200)).json(), 'next') ?? '';
    // What HTTP servers take of a request's head.
    expect(next.length).toBeLessThan(12_000);
    expect((await fhir(doctor, 'GET', next)).statusCode).toBe(200);
  });

  it('is passed over when it is not known and the caller prefers so, and the answer says it', async () => {
    const { doctor, search } = await aSeries(1);
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const bundle: Bundle = (await fhir(doctor, 'GET', `${search}&surname=x`, undefined, lenient)).json();
    expect(bundle.entry?.map((each) => each.search?.mode)).toEqual(['match', 'outcome']);
    expect(linkOf(bundle, 'self')).not.toContain('surname');
    const strict = { prefer: 'handling=strict' };
    expect((await fhir(doctor, 'GET', `${search}&surname=x`, undefined, strict)).statusCode).toBe(400);
  });

  it('is never a NIR, but of the identifier by POST', async () => {
    const { doctor, search } = await aSeries(1);
    const nir = aNir();
    for (const more of [`&vaccine-code=${nir}`, `&_id=${nir}`, `&${nir}=1`]) {
      const refused = await fhir(doctor, 'GET', `${search}${more}`);
      expect([refused.statusCode, nirLeaks([nir], { body: refused.body })]).toEqual([400, []]);
    }
  });
});

describe('the versions of an Immunization', () => {
  it('are read as they were, one by one and together, with why each was made', async () => {
    const doctor = await signedInProfessional(server);
    const patient = await aPatient(server.deps);
    server.clock.advance(7);
    const created = (await fhir(doctor, 'POST', '/Immunization', anImmunization(patient.id))).json();
    const one = `/Immunization/${created.id}`;
    const extension = [...created.extension, because('Lot mal lu')];
    server.clock.advance(60_123);
    await fhir(doctor, 'PUT', one, { ...created, lotNumber: 'FE9999', extension }, { 'if-match': 'W/"1"' });
    server.clock.advance(60_000);
    const reason = { 'change-reason': encodeURIComponent('Saisie en double, à retirer') };
    expect(
      (await fhir(doctor, 'DELETE', one, undefined, { ...reason, 'if-match': 'W/"1"' })).statusCode,
    ).toBe(412);
    expect(
      (await fhir(doctor, 'DELETE', one, undefined, { ...reason, 'if-match': 'W/"2"' })).statusCode,
    ).toBe(204);

    const history: Bundle = (await fhir(doctor, 'GET', `${one}/_history`)).json();
    expect([history.type, history.total]).toEqual(['history', 3]);
    expect(history.entry?.map(({ request }) => request?.method)).toEqual(['PUT', 'PUT', 'POST']);
    expect(
      history.entry?.map(({ resource }) => [resource.meta.versionId, resource.lotNumber, resource.status]),
    ).toEqual([
      ['3', 'FE9999', 'entered-in-error'],
      ['2', 'FE9999', 'completed'],
      ['1', 'FE4721', 'completed'],
    ]);
    const [latest, corrected] = history.entry ?? [];
    const now = (await fhir(doctor, 'GET', one)).json();
    expect(latest?.resource.meta.lastUpdated).toBe(now.meta.lastUpdated);
    expect(latest?.resource.statusReason).toEqual({ text: 'Saisie en double, à retirer' });
    expect(corrected?.resource.extension).toContainEqual(because('Lot mal lu'));

    const first = await fhir(doctor, 'GET', `${one}/_history/1`);
    expect(first.headers.etag).toBe('W/"1"');
    expect(first.json()).toEqual(created);
    expect((await fhir(doctor, 'GET', `${one}/_history/4`)).statusCode).toBe(404);
    expect(
      (await fhir(doctor, 'GET', '/Immunization/00000000-0000-4000-8000-000000000000/_history')).statusCode,
    ).toBe(404);

    const page: Bundle = (await fhir(doctor, 'GET', `${one}/_history?_count=2`)).json();
    const rest: Bundle = (await fhir(doctor, 'GET', linkOf(page, 'next') ?? '')).json();
    expect(rest.entry?.map(({ resource }) => resource.meta.versionId)).toEqual(['1']);
    const since = encodeURIComponent(latest?.resource.meta.lastUpdated);
    expect((await fhir(doctor, 'GET', `${one}/_history?_since=${since}`)).json().total).toBe(1);
    const log = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patient.id));
    expect(log.map(({ route }) => route)).toContain('GET /fhir/R4/Immunization/:id/_history/:vid');
  });

  it('are not sent again to who has them', async () => {
    const { doctor, first } = await aSeries(1);
    const known = { 'if-none-match': 'W/"1"' };
    const one = `/Immunization/${first}/_history/1`;
    const same = await fhir(doctor, 'GET', one, undefined, known);
    expect([same.statusCode, same.body, same.headers.etag]).toEqual([304, '', 'W/"1"']);
    const other = await fhir(doctor, 'GET', one, undefined, { 'if-none-match': 'W/"2"' });
    expect(other.statusCode).toBe(200);
  });

  it('tell who has the latest one of what followed the dose since, which is no new one', async () => {
    const { doctor, patient, first } = await aSeries(1);
    const read = () => fhir(doctor, 'GET', `/Immunization/${first}`, undefined, { 'if-none-match': 'W/"1"' });
    expect((await read()).json().reaction).toBeUndefined();
    const onset = '2025-01-02T10:00:00.000Z';
    const event = { injectionId: first, onset, description: 'Fièvre', serious: false, outcome: 'recovered' };
    const url = `/api/records/patients/${patient.id}/adverse-events`;
    expect((await ask(server, doctor, 'POST', url, event)).statusCode).toBe(201);
    const since = await read();
    expect([since.headers.etag, since.json().reaction]).toEqual([
      'W/"1"',
      [{ date: onset, reported: false }],
    ]);
  });

  it.each(['ab', '%E9%ZZ', 'x'.repeat(1001)])('are not made for a reason that is none', async (reason) => {
    const { doctor, first } = await aSeries(1);
    const refused = await fhir(doctor, 'DELETE', `/Immunization/${first}`, undefined, {
      'change-reason': reason,
    });
    expect(refused.statusCode).toBe(400);
  });
});
