import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { and, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { endRight, grantRight } from '#server/identity/edit-rights.ts';
import { professionalRights } from '#server/identity/rights.table.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();

/** Runs the command; what it says, and how it ends. */
function asking(
  ...parameters: readonly string[]
): Promise<{ readonly code: unknown; readonly said: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'rights.ts'), ...parameters],
      { env },
      (error, out, err) => resolve({ code: error ? error.code : 0, said: out + err }),
    );
  });
}

const ofMasseurs = and(
  eq(professionalRights.profession, '70'),
  eq(professionalRights.right, 'injection.record'),
);
const rows = () => database.db.select().from(professionalRights).where(ofMasseurs);

beforeEach(async () => {
  await database.db.delete(professionalRights).where(ofMasseurs);
});

describe('npm run rights', () => {
  it('lists who may do what now, or ever', async () => {
    const { said, code } = await asking('list', '--right', 'records.supervise');
    expect(code).toBe(0);
    expect(said).toMatch(
      /records\.supervise {2}profession 10, category C, mode S, from 2021-01-04 \(default\)/,
    );
    expect(said).toContain('4 in force');
  });

  it('grants from a day on, refuses what overlaps, ends, and grants again after it', async () => {
    const grant = ['grant', 'injection.record', '--profession', '70', '--mode', 'L'];
    const given = await asking(...grant, '--from', '2027-01-01');
    expect(given).toMatchObject({ code: 0, said: expect.stringContaining('Granted: ') });
    const [row] = await rows();
    expect(row).toMatchObject({
      mode: 'L',
      category: null,
      origin: 'operator',
      byDelegation: false,
      validTo: null,
    });
    expect(row?.validFrom).toEqual(new Date('2027-01-01T00:00:00+01:00'));

    const again = await asking(...grant, '--from', '2027-06-01', '--to', '2027-07-01');
    expect(again).toMatchObject({ code: 1, said: expect.stringContaining('They hold it already') });
    const delegated = await asking(...grant, '--by-delegation', '--from', '2027-06-01');
    expect(delegated.code).toBe(1);

    const id = row?.id.slice(0, 8) ?? '';
    const ended = await asking('end', id, '--at', '2027-06-01');
    expect(ended.said).toContain('from 2027-01-01 to 2027-06-01');
    expect((await asking('end', id, '--at', '2027-06-01')).said).toContain('ended by then already');
    expect((await asking(...grant, '--from', '2027-06-01')).code).toBe(0);
    expect(await rows()).toHaveLength(2);
  });

  it('shows what would change, and changes nothing', async () => {
    const shown = await asking('grant', 'injection.record', '--profession', '70', '--dry-run');
    expect(shown).toMatchObject({ code: 0, said: expect.stringContaining('Nothing was changed') });
    expect(await rows()).toEqual([]);
  });

  it('removes what never began, and keeps what was held', async () => {
    await asking('grant', 'injection.record', '--profession', '70', '--from', '2999-01-01');
    const [row] = await rows();
    expect((await asking('end', row?.id ?? '')).said).toContain('Removed, for it never began');
    expect(await rows()).toEqual([]);
    await asking('grant', 'injection.record', '--profession', '70', '--from', '2021-02-01');
    const [held] = await rows();
    const past = await asking('end', held?.id ?? '', '--at', '2022-01-01');
    expect(past).toMatchObject({ code: 1, said: expect.stringContaining('stays held') });
    expect((await asking('end', held?.id ?? '')).code).toBe(0);
    expect((await rows())[0]?.validTo).not.toBeNull();
  });

  it.each([
    [[], 'Usage'],
    [['give'], 'Usage'],
    [['end'], 'Usage'],
    [['list', 'x', 'y'], 'one word too many'],
    [['list', '--other'], '--other'],
    [['grant', 'everything', '--profession', '10'], 'right is one of: patient.read'],
    [['grant', 'patient.read'], '--profession is one of'],
    [['grant', 'patient.read', '--profession', '99'], '--profession is one of'],
    [['grant', 'patient.read', '--profession', '10', '--category', 'X'], '--category is one of'],
    [['grant', 'patient.read', '--profession', '10', '--mode', 'l'], '--mode is one of'],
    [['grant', 'patient.read', '--profession', '70', '--from', '2026-02-30'], 'no day of the calendar'],
    [['grant', 'patient.read', '--profession', '70', '--from', 'tomorrow'], 'YYYY-MM-DD'],
    [
      ['grant', 'patient.read', '--profession', '70', '--from', '2027-02-01', '--to', '2027-02-01'],
      '--to comes after',
    ],
    [['end', 'zzzz'], '0 rows'],
  ])('refuses %j, and says why', async (parameters, words) => {
    const refused = await asking(...parameters);
    expect(refused.said).toContain(words);
    expect(refused.code).toBe(1);
  });

  it('granted by two at once is granted once', async () => {
    const at = new Date('2027-01-01T00:00:00+01:00');
    const rule = { right: 'injection.record', profession: '70', category: null, mode: null } as const;
    const period = { byDelegation: false, validFrom: at, validTo: null };
    const both = await Promise.allSettled([1, 2].map(() => grantRight(database.db, { ...rule, ...period })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(
      endRight(database.db, { id: '00000000-0000-4000-8000-000000000000', at }, at),
    ).rejects.toMatchObject({ why: 'unknown' });
  });
});
