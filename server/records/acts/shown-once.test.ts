import { eq, sql } from 'drizzle-orm';
import { beforeAll, expect, it } from 'vitest';
import { aPatient, firstDose, recordsCaller } from '#server/testing/acts.ts';
import { type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { patients } from '../patients/patients.table.ts';
import { injections } from './acts.table.ts';
import { getDoseContext } from './dose-context.ts';
import { findDoseContexts } from './dose-contexts.ts';
import { type EnteredDose, shownOnce } from './shown-once.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
let call: ReturnType<typeof recordsCaller>;

beforeAll(async () => {
  doctor = await signedInProfessional(server);
  call = recordsCaller(server, doctor);
});

/** A file as each part of the product shows it. */
async function shown(patientId: string) {
  const get = (url: string) => server.app.inject({ url, headers: { cookie: doctor.cookie } });
  const { items } = (await get(`/api/records/patients/${patientId}/injections`)).json();
  const page = await get(`/dossiers/${patientId}/actes`);
  const fhir = (await get(`/fhir/R4/Immunization?patient=${patientId}`)).json();
  const draft = (await get(`/api/records/patients/${patientId}/draft?step=injection`)).json();
  const { history } = await getDoseContext(database.db, patientId);
  return {
    items,
    lots: items.map(({ lot }: { lot: string }) => lot),
    onPage: ['TWIN1', 'TWIN2'].filter((lot) => page.body.includes(`<dd>${lot}</dd>`)),
    told: page.body.includes('TWIN1 dans l’autre'),
    fhir: [fhir.total, (fhir.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)],
    nextRank: draft.fields.doseRank?.value,
    doses: history.doses,
    events: history.events.map(({ injectionId }) => injectionId),
  };
}

it('a dose that stands in two records is shown once while they are merged, and as before once they are parted', async () => {
  const [one, other] = [
    await aPatient(database.db, doctor.professional),
    await aPatient(database.db, doctor.professional),
  ];
  const inject = async (patientId: string, lot: string, doseRank: number) =>
    (
      await call('POST', `patients/${patientId}/injections`, {
        ...firstDose,
        lot,
        doseRank,
        overrideReason: 'Essai',
      })
    ).body.id;
  // Of another rank: what two people typed of one act need not agree.
  const hidden = await inject(one.id, 'TWIN1', 2);
  const kept = await inject(other.id, 'TWIN2', 1);
  const event = await call('POST', `patients/${one.id}/adverse-events`, {
    injectionId: hidden,
    onset: firstDose.occurredAt,
    description: 'Fièvre',
    serious: false,
    outcome: 'recovered',
  });
  expect(event.status).toBe(201);
  const before = await Promise.all([shown(one.id), shown(other.id)]);
  expect(before.map(({ lots }) => lots)).toEqual([['TWIN1'], ['TWIN2']]);

  const merged = await call(
    'POST',
    `patients/${one.id}/merge`,
    { into: other.id, reason: 'Même personne' },
    { 'if-match': '"1"' },
  );
  expect(merged.status).toBe(200);
  const both = await shown(other.id);
  expect(both).toMatchObject({
    lots: ['TWIN2'],
    onPage: ['TWIN2'],
    told: true,
    fhir: [1, [kept]],
    nextRank: 2,
    doses: [{ id: kept }],
    events: [kept],
  });
  expect(both.items[0].findings[0]).toMatchObject({
    rule: 'entered-twice',
    kind: 'entered_twice',
    parameters: { lot: 'TWIN1' },
  });

  // On its own page each tells of the other, from whichever record one looks.
  const told = async (patientId: string, id: unknown) => {
    const { findings } = (
      await server.app.inject({
        url: `/api/records/patients/${patientId}/injections/${id}`,
        headers: { cookie: doctor.cookie },
      })
    ).json();
    const page = await server.app.inject({
      url: `/dossiers/${patientId}/injections/${id}`,
      headers: { cookie: doctor.cookie },
    });
    return [findings[0], /(TWIN\d) dans l’autre/.exec(page.body)?.[1]];
  };
  const says = (lot: string) => [{ kind: 'entered_twice', parameters: { lot } }, lot];
  expect(await told(other.id, hidden)).toMatchObject(says('TWIN2'));
  expect(await told(one.id, hidden)).toMatchObject(says('TWIN2'));
  expect(await told(other.id, kept)).toMatchObject(says('TWIN1'));

  const parted = await call(
    'POST',
    `patients/${one.id}/unmerge`,
    { reason: 'Jumelles' },
    { 'if-match': '"2"' },
  );
  expect(parted.status).toBe(200);
  expect(await Promise.all([shown(one.id), shown(other.id)])).toEqual(before);
  expect((await told(one.id, hidden))[1]).toBeUndefined();
});

it('of a dose entered in two merged records, the earlier entry is shown also where the database’s clocks went back between', async () => {
  const [kept, first, second] = [
    await aPatient(database.db, doctor.professional),
    await aPatient(database.db, doctor.professional),
    await aPatient(database.db, doctor.professional),
  ];
  const entered = async ({ id }: typeof first, createdAt: string) => {
    const dose = { ...firstDose, occurredAt: '2026-10-24T10:00:00+02:00' };
    const { body } = await call('POST', `patients/${id}/injections`, dose);
    const [injection] = await database.db
      .update(injections)
      .set({ createdAt: new Date(createdAt) })
      .where(eq(injections.id, String(body.id)))
      .returning({ id: injections.id });
    await database.db.update(patients).set({ mergedInto: kept.id }).where(eq(patients.id, id));
    return injection?.id;
  };
  const earlier = await entered(first, '2026-10-25T02:30:00+02:00');
  await entered(second, '2026-10-25T02:10:00+01:00');
  const ofParis = await database.db.transaction(async (tx) => {
    await tx.execute(sql`set local time zone 'Europe/Paris'`);
    return [await getDoseContext(tx, kept.id), (await findDoseContexts(tx, [kept.id])).get(kept.id)];
  });
  expect(ofParis.map((context) => context?.history.doses.map(({ id }) => id))).toEqual([
    [earlier],
    [earlier],
  ]);
});

it('of a dose that one import made in two merged records, the same entry is shown in whatever order they are read', () => {
  const entered = (id: string): EnteredDose => ({
    ...{ id, patientId: `of ${id}`, state: 'recorded', vaccine: 'comirnaty', day: '2026-11-02' },
    ...{ notADuplicate: false, createdAt: new Date('2026-11-23T09:00:00Z') },
  });
  const both = [entered('a'), entered('b')];
  for (const doses of [both, both.toReversed()]) {
    expect(shownOnce('the one they were merged into', doses).once.map(({ id }) => id)).toEqual(['b']);
  }
});
