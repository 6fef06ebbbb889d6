import { beforeEach, describe, expect, test } from 'vitest';
import { anAgent, type TestAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { addHotline } from './add-hotline.ts';
import { aRule, theNotice } from './builders.ts';
import { findHotline } from './configuration.ts';
import { listChanges, versionOf } from './configuration-history.ts';
import { decisionHoles } from './decision-holes.ts';
import { documentOf, type HotlineDocument } from './hotline-document.ts';
import { loadConfiguration } from './load-configuration.ts';
import { saveHotline } from './save-hotline.ts';
import { saveRoutingRules } from './save-routing-rules.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');
const rules = theNotice().rules;
let agent: TestAgent;
let lines = 0;

beforeEach(async () => {
  agent = await anAgent(database.db, { role: 'supervisor' });
});

async function read(id: string): Promise<HotlineDocument> {
  const line = findHotline(await loadConfiguration(database.db), id);
  if (!line) throw new Error(`no line ${id}`);
  return documentOf(line);
}

/** A line that no rule needs. */
async function aLine(): Promise<string> {
  lines += 1;
  const id = `ligne-${lines}`;
  const document = { ...(await read('etablissements')), validTo: null };
  await addHotline(database.db, { agent, id, document }, now);
  return id;
}

async function setRules(next: Parameters<typeof saveRoutingRules>[1]['rules']): Promise<number> {
  const version = await versionOf(database.db, 'routing-rules');
  return saveRoutingRules(database.db, { agent, version, rules: next }, now);
}

describe('an edit', () => {
  test('is stored as it was given, read again the same, and refused without a trace', async () => {
    const id = await aLine();
    const wanted: HotlineDocument = {
      ...(await read(id)),
      phone: ' 0 800  11 ',
      zone: 'america/cayenne',
      exceptions: [{ day: '2026-12-24', intervals: [], note: { fr: 'Grève', en: 'Strike' } }],
    };
    expect(await saveHotline(database.db, { agent, id, version: 1, document: wanted }, now)).toBe(2);
    const stored = await read(id);
    expect(stored).toEqual({ ...wanted, phone: '0 800 11', zone: 'America/Cayenne' });
    const bad = { ...stored, zone: 'Nowhere' };
    await expect(
      saveHotline(database.db, { agent, id, version: 2, document: bad }, now),
    ).rejects.toMatchObject({
      statusCode: 422,
      errors: [{ path: '/zone' }],
    });
    const changes = await listChanges(database.db, `hotline:${id}`);
    expect(changes.map(({ version, by, at }) => [version, by, at])).toEqual([
      [2, agent.name, now],
      [1, agent.name, now],
    ]);
    expect(changes[0]).toMatchObject({ after: stored, before: { phone: '0 800 08 12 07' } });
    expect(changes[1]?.before).toBe(null);
  });

  test('that ends a line and one that leads people there cannot both be', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await aLine();
      const document = { ...(await read(id)), validTo: '2026-11-23' };
      const [ended, led] = await Promise.allSettled([
        saveHotline(database.db, { agent, id, version: 1, document }, now),
        setRules([aRule({ mode: 'B', hotline: id, origin: 'notice' }), ...rules]),
      ]);
      expect([ended?.status, led?.status].sort()).toEqual(['fulfilled', 'rejected']);
      expect(decisionHoles(await loadConfiguration(database.db), now)).toEqual([]);
      await setRules(rules);
    }
  });

  test('of a zone is refused when it leaves an hour to no rule', async () => {
    const id = await aLine();
    const without = rules.filter(({ origin }) => origin === 'notice');
    await setRules([
      ...without,
      aRule({ validTo: '2027-01-01' }),
      aRule({ hotline: id, validFrom: '2027-01-01' }),
    ]);
    // Midnight comes later there: until then nobody would answer volunteers.
    const document = { ...(await read(id)), zone: 'America/Cayenne' };
    await expect(saveHotline(database.db, { agent, id, version: 1, document }, now)).rejects.toMatchObject({
      errors: [{ path: '/zone', key: 'configuration.errors.zoneLeavesHoles' }],
    });
    const earlier = { ...document, zone: 'Indian/Reunion' };
    expect(await saveHotline(database.db, { agent, id, version: 1, document: earlier }, now)).toBe(2);
    await setRules(rules);
  });
});
