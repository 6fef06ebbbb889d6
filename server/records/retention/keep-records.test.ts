import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KeyRing } from '../../config.ts';
import type { Professional } from '../../identity/professional.ts';
import { aNir, aPatient } from '../../testing/patients.ts';
import { anExercise, aProfessional } from '../../testing/professionals.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import type { Access } from '../access-log/log-access.ts';
import { injections } from '../acts/acts.table.ts';
import { readPatient } from '../patients/find-patient.ts';
import { findPatientsByNir } from '../patients/find-patients.ts';
import { mergePatients, unmergePatients } from '../patients/merge-patients.ts';
import type { Nir } from '../patients/nir.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { patientNirs, patients } from '../patients/patients.table.ts';
import { rotateKeys } from '../patients/rotate-keys.ts';
import { archiveRecords } from './archive-records.ts';
import { archivedRecords } from './archived-records.table.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');
const key = (id: string) => ({ id, key: randomBytes(32) });
const [oldKey, newKey, oldIndex, newIndex] = [key('k1'), key('k2'), key('i1'), key('i2')];
const years = { keptYears: 10, archivedYears: 30, retentionDryRun: false };
const settings = (sealingKeys: KeyRing, indexKeys: KeyRing) => ({
  records: { sealingKeys, indexKeys, accessLogDays: 365, importDays: 30, lateEntryDays: 7, ...years },
});
const before = settings([oldKey], [oldIndex]);
const during = settings([newKey, oldKey], [newIndex, oldIndex]);
const after = settings([newKey], [newIndex]);
const vault = nirVault(before.records);
let access: Access;

beforeAll(async () => {
  const { id, nationalIdentifier, rpps, familyName, givenNames } = await aProfessional(database.db);
  const professional: Professional = {
    ...{ id, nationalIdentifier, rpps, familyName, givenNames },
    actingAs: anExercise(),
    sessionId: 'none',
  };
  access = { professional, action: 'patient.read', route: 'GET /', requestId: 'r' };
});

async function anInjection(patientId: string, occurredAt: Date): Promise<string> {
  const { id: by } = access.professional;
  const [injection] = await database.db
    .insert(injections)
    .values({
      patientId,
      occurredAt,
      placeKind: 'practice',
      performedBy: by,
      enteredBy: by,
      createdAt: occurredAt,
      updatedAt: occurredAt,
      vaccine: 'comirnaty',
      lot: 'AB123',
      route: 'intramuscular',
      doseRank: 1,
      doseTotal: 2,
      day: occurredAt.toISOString().slice(0, 10),
      findings: [],
    })
    .returning({ id: injections.id });
  if (!injection) throw new Error('the injection was not stored');
  return injection.id;
}

describe('changing the keys', () => {
  it('goes on while records are read and searched, and leaves nothing under the old ones', async () => {
    const { db } = database;
    const all: { id: string; nir: Nir }[] = [];
    const createdBy = access.professional.id;
    for (let n = 0; n < 450; n++) {
      const nir = aNir();
      all.push({ id: (await aPatient({ db, config: before }, { nir, createdBy })).id, nir });
    }
    const between = nirVault(during.records);
    let rotating = true;
    const rotation = Promise.all([rotateKeys(db, between), rotateKeys(db, between)]).finally(() => {
      rotating = false;
    });
    let reads = 0;
    for (let place = 0; rotating || reads < 20; place = (place + 37) % all.length) {
      const { id = '', nir = aNir() } = all[place] ?? {};
      const found = await findPatientsByNir(db, between, nir, access, now);
      expect(found.patients.map((each) => each.id)).toEqual([id]);
      expect((await readPatient(db, between, id, access, now)).nir?.nir).toBe(nir);
      reads++;
    }
    const rotated = await rotation;
    // Two at once may each leave a last batch that the other holds: a last look finds nothing more, or takes it.
    const last = await rotateKeys(db, between);
    expect(rotated.reduce((sum, { nirs }) => sum + nirs, last.nirs)).toBe(450);
    const left = await db.select().from(patientNirs).where(eq(patientNirs.keyId, 'k1'));
    expect(left).toEqual([]);
    const alone = nirVault(after.records);
    for (const { id, nir } of all.slice(0, 20)) {
      expect((await findPatientsByNir(db, alone, nir, access, now)).patients.map((each) => each.id)).toEqual([
        id,
      ]);
      expect((await readPatient(db, alone, id, access, now)).nir?.nir).toBe(nir);
    }
    await db.delete(patientNirs);
    // Nobody else's time is to come with them.
    await db.delete(patients);
  });
});

describe('the end of a record’s time', () => {
  it('moves it whole to the dedicated base, sealed, after a dry run that says so and does nothing', async () => {
    const { db } = database;
    const nir = aNir();
    const createdAt = new Date('2010-01-05T10:00:00Z');
    const old = await aPatient({ db, config: before }, { nir, createdAt, birthFamilyName: 'Ancien' });
    const twin = await aPatient({ db, config: before }, { createdAt, mergedInto: old.id });
    const kept = await aPatient({ db, config: before }, { createdAt });
    await anInjection(old.id, new Date('2015-03-01T10:00:00Z'));
    await anInjection(twin.id, new Date('2016-11-20T10:00:00Z'));
    // Ten years ago today: still within its time.
    await anInjection(kept.id, new Date('2016-11-23T08:00:00Z'));
    await readPatient(db, vault, old.id, access, now);

    const dry = await archiveRecords(db, vault, years, now, { dryRun: true });
    const due = dry.archived.find(({ patientId }) => patientId === old.id);
    expect(due).toEqual({ patientId: old.id, lastActOn: '2016-11-20', patientIds: [old.id, twin.id] });
    expect(dry.archived.map(({ patientId }) => patientId)).not.toContain(kept.id);
    expect(await db.select().from(patients).where(eq(patients.id, old.id))).toHaveLength(1);
    expect(await db.select().from(archivedRecords)).toEqual([]);

    expect(await archiveRecords(db, vault, years, now, { dryRun: false })).toEqual(dry);
    for (const id of [old.id, twin.id]) {
      expect(await db.select().from(patients).where(eq(patients.id, id))).toEqual([]);
      expect(await db.select().from(injections).where(eq(injections.patientId, id))).toEqual([]);
    }
    expect(await db.select().from(patients).where(eq(patients.id, kept.id))).toHaveLength(1);
    const [stored] = await db.select().from(archivedRecords).where(eq(archivedRecords.patientId, old.id));
    if (!stored) throw new Error('nothing was archived');
    expect(stored).toMatchObject({ lastActOn: '2016-11-20', keptUntil: '2056-11-23', keyId: 'k1' });
    expect(stored.sealed.toString('latin1')).not.toContain('Ancien');
    const content = JSON.parse(vault.open(stored, old.id, 'archive'));
    expect(content.injections).toHaveLength(2);
    expect(content.nirs).toContainEqual({ patientId: old.id, nir, ofParent: false });
    // Who read it is told for as long as the log is kept.
    expect(await db.select().from(accessLog).where(eq(accessLog.patientId, old.id))).toHaveLength(1);
    expect((await archiveRecords(db, vault, years, now, { dryRun: false })).archived).toEqual([]);
  });

  it('erases from the dedicated base what has been there for its thirty years', async () => {
    const { db } = database;
    const later = new Date('2056-11-24T10:00:00Z');
    const [stored, ...more] = await db.select().from(archivedRecords);
    expect(more).toEqual([]);
    const { erased } = await archiveRecords(db, vault, years, later, { dryRun: false });
    expect(erased).toContain(stored?.patientId);
    expect(
      await db.select().from(archivedRecords).where(eq(archivedRecords.keptUntil, '2056-11-23')),
    ).toEqual([]);
  });
});

describe('parting merged records', () => {
  it('leaves every act where it was entered, also what was entered after the merge', async () => {
    const { db } = database;
    const createdBy = access.professional.id;
    const [one, other] = [
      await aPatient({ db, config: before }, { createdBy }),
      await aPatient({ db, config: before }, { createdBy }),
    ];
    const first = await anInjection(one.id, new Date('2026-01-01T10:00:00Z'));
    await mergePatients(db, { id: one.id, into: other.id, reason: 'Même personne' }, access, now);
    const second = await anInjection(other.id, new Date('2026-02-01T10:00:00Z'));
    await unmergePatients(db, { id: one.id, reason: 'Jumelles' }, access, now);
    const actsOf = async (patientId: string) =>
      (
        await db.select({ id: injections.id }).from(injections).where(eq(injections.patientId, patientId))
      ).map(({ id }) => id);
    expect(await actsOf(one.id)).toEqual([first]);
    expect(await actsOf(other.id)).toEqual([second]);
    const [parted] = await db.select().from(patients).where(eq(patients.id, one.id));
    const { version: _, updatedAt: __, ...asBefore } = parted ?? one;
    expect(one).toMatchObject(asBefore);
  });
});
