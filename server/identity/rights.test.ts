import { describe, expect, it } from 'vitest';
import { anExercise, kinds } from '../testing/professionals.ts';
import { testDatabase } from '../testing/test-database.ts';
import { professionalRights } from './rights.table.ts';
import { mayDo, type RightRule, rights } from './rights.ts';

const at = new Date('2026-11-23T10:00:00+01:00');
const rule = (overrides: Partial<RightRule> = {}): RightRule => ({
  right: 'injection.record',
  profession: '10',
  category: null,
  mode: null,
  byDelegation: false,
  validFrom: new Date('2021-01-04T00:00:00+01:00'),
  validTo: null,
  ...overrides,
});
const doctor = { actingAs: anExercise() };

describe('mayDo', () => {
  it('gives what a rule in force gives, and to nobody else', () => {
    expect(mayDo(doctor, 'injection.record', at, [rule()])).toEqual({ allowed: true, byDelegation: false });
    expect(mayDo(doctor, 'summary.sign', at, [rule()])).toEqual({ refused: 'profession' });
    expect(mayDo({ actingAs: null }, 'injection.record', at, [rule()])).toEqual({
      refused: 'profession-unknown',
    });
  });

  it('holds from its first instant, up to and not including its last', () => {
    const dated = [rule({ validFrom: at, validTo: new Date(at.getTime() + 1000) })];
    const decide = (offset: number) =>
      mayDo(doctor, 'injection.record', new Date(at.getTime() + offset), dated);
    expect(decide(-1)).toEqual({ refused: 'date' });
    expect(decide(0)).toMatchObject({ allowed: true });
    expect(decide(999)).toMatchObject({ allowed: true });
    expect(decide(1000)).toEqual({ refused: 'date' });
  });

  it('says which of category and mode is in the way', () => {
    expect(mayDo(doctor, 'injection.record', at, [rule({ category: 'E' })])).toEqual({ refused: 'category' });
    expect(mayDo(doctor, 'injection.record', at, [rule({ mode: 'S' })])).toEqual({ refused: 'mode' });
    expect(mayDo(doctor, 'injection.record', at, [rule({ category: 'C', mode: 'L' })])).toMatchObject({
      allowed: true,
    });
  });

  it('tells staff from professions, and a right of one’s own from a delegated one', () => {
    const secretary = { actingAs: anExercise({ profession: null, category: null }) };
    const delegated = [
      rule({ profession: 'any', byDelegation: true }),
      rule({ profession: 'none', byDelegation: true }),
    ];
    expect(mayDo(secretary, 'injection.record', at, [rule(), rule({ profession: 'any' })])).toEqual({
      refused: 'staff',
    });
    expect(mayDo(secretary, 'injection.record', at, delegated)).toEqual({
      allowed: true,
      byDelegation: true,
    });
    expect(mayDo(doctor, 'injection.record', at, [...delegated, rule()])).toEqual({
      allowed: true,
      byDelegation: false,
    });
  });
});

describe('the rights that come with the product', () => {
  const database = testDatabase();
  const held = async (kind: Parameters<typeof mayDo>[0]) => {
    const rules = await database.db.select().from(professionalRights);
    return rights.flatMap((right) => {
      const decision = mayDo(kind, right, at, rules);
      return 'allowed' in decision ? [decision.byDelegation ? `${right} (delegated)` : right] : [];
    });
  };
  const kindOf = ({ actingAs = anExercise() }: { actingAs?: Parameters<typeof mayDo>[0]['actingAs'] }) => ({
    actingAs,
  });
  const own = rights.filter((right) => right !== 'record.import' && right !== 'records.supervise');

  it.each([
    ['an independent doctor', kindOf(kinds.independentDoctor()), [...own, 'record.import']],
    ['a hospital nurse', kindOf(kinds.hospitalNurse()), [...own, 'record.import']],
    ['a pharmacist in independent practice', kindOf(kinds.pharmacist()), [...own, 'record.import']],
    ['a salaried doctor', { actingAs: anExercise({ mode: 'S' }) }, [...rights]],
    ['a midwife', { actingAs: anExercise({ profession: '50' }) }, own],
    [
      'an intern in medicine',
      { actingAs: anExercise({ category: 'E' }) },
      [
        'patient.read',
        'patient.write',
        'consultation.record',
        'injection.record',
        'adverse_event.declare',
        'entry.on_behalf',
      ],
    ],
    [
      'a nursing student',
      { actingAs: anExercise({ profession: '60', category: 'E' }) },
      [
        'patient.read (delegated)',
        'patient.write (delegated)',
        'adverse_event.declare',
        'entry.on_behalf (delegated)',
      ],
    ],
    [
      'a secretary',
      kindOf(kinds.secretary()),
      ['patient.read (delegated)', 'patient.write (delegated)', 'entry.on_behalf (delegated)'],
    ],
    ['somebody of whom nothing is said', { actingAs: null }, []],
  ])('of %s', async (_, kind, expected) => {
    expect(new Set(await held(kind))).toEqual(new Set(expected));
  });
});
