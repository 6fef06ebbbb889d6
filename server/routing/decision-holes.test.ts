import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aHotline, aRule, aSchedule, cartesian, theNotice, theNoticeWithDefault } from './builders.ts';
import type { RoutingConfiguration, RoutingRule } from './configuration.ts';
import { compareRules, decisionHoles, turningPoints } from './decision-holes.ts';
import { modes, settings } from './practitioner-types.ts';
import { routeCase } from './route-case.ts';

const now = new Date('2026-11-23T10:00:00+01:00');
const notice = theNotice();
const withoutDefault: RoutingConfiguration = {
  ...notice,
  rules: notice.rules.filter(({ origin }) => origin === 'notice'),
};

const dates = ['2026-01-01', '2026-11-23', '2026-11-24', '2027-01-01', '2027-06-01', '2028-01-01'];
const aPeriod = fc
  .tuple(fc.option(fc.constantFrom(...dates)), fc.option(fc.constantFrom(...dates)))
  .filter(([from, to]) => from === null || to === null || from < to)
  .map(([validFrom, validTo]) => ({ validFrom, validTo }));

const someRule: fc.Arbitrary<RoutingRule> = fc
  .record({
    period: aPeriod,
    setting: fc.option(fc.constantFrom(...settings), { freq: 1 }),
    mode: fc.option(fc.constantFrom(...modes), { freq: 1 }),
    profession: fc.option(fc.constantFrom('10', '21'), { freq: 3 }),
    hotline: fc.constantFrom('a', 'b'),
    origin: fc.constantFrom('notice', 'default'),
  })
  .map(({ period, ...rule }) => ({ ...rule, ...period }));

const someConfiguration: fc.Arbitrary<RoutingConfiguration> = fc
  .record({
    lines: fc.tuple(aPeriod, aPeriod),
    zones: fc.tuple(
      fc.constantFrom('Europe/Paris', 'Indian/Reunion'),
      fc.constantFrom('Europe/Paris', 'Pacific/Noumea'),
    ),
    rules: fc.array(someRule, { maxLength: 8 }),
    completed: fc.boolean(),
  })
  .map(({ lines, zones, rules, completed }) => ({
    hotlines: [0, 1].map((at) =>
      aHotline({
        id: at === 0 ? 'a' : 'b',
        schedule: aSchedule({
          zone: zones[at === 0 ? 0 : 1],
          inService: completed ? { validFrom: null, validTo: null } : lines[at === 0 ? 0 : 1],
        }),
      }),
    ),
    rules: completed ? [...rules, aRule({ hotline: 'b' })] : rules,
  }));

const anInstant = fc.date({
  min: now,
  max: new Date('2028-06-01T00:00:00Z'),
  noInvalidDate: true,
});

const whoever = cartesian({
  setting: [undefined, ...settings],
  mode: [undefined, ...modes],
  profession: [undefined, 'none', '10', '21', '60'],
});

function practitioner({ setting, mode, profession }: (typeof whoever)[number]) {
  return { ...(setting && { setting }), ...(mode && { mode }), ...(profession && { profession }) };
}

describe('the holes of a decision table', () => {
  test('are none in the notice with its default, and the volunteers without it', () => {
    expect(decisionHoles(notice, now)).toEqual([]);
    expect(decisionHoles(withoutDefault, now).map(({ setting, mode }) => [setting, mode])).toEqual([
      ['practice', 'B'],
      ['other', 'B'],
    ]);
  });

  test('begin and end where the rules do, each in the zone of its line', () => {
    const later = {
      ...withoutDefault,
      rules: [...withoutDefault.rules, aRule({ validTo: '2027-01-01' }), aRule({ validFrom: '2027-02-01' })],
    };
    expect(decisionHoles(later, now).map(({ from, until }) => [from, until])).toEqual(
      [1, 2].map(() => [new Date('2027-01-01T00:00:00+01:00'), new Date('2027-02-01T00:00:00+01:00')]),
    );
  });

  test('of the past are nobody’s concern', () => {
    const past = { ...withoutDefault, rules: [...withoutDefault.rules, aRule({ validFrom: '2026-11-23' })] };
    expect(decisionHoles(past, now)).toEqual([]);
  });

  test('name a profession only when it is worse off than the others', () => {
    const pharmacists = { ...notice, rules: [aRule({ profession: '21', hotline: 'gone' }), ...notice.rules] };
    expect(decisionHoles(pharmacists, now)).toEqual([]);
    const nobody = { hotlines: notice.hotlines, rules: [aRule({ profession: '21', origin: 'notice' })] };
    expect(decisionHoles(nobody, now)).toHaveLength(settings.length * modes.length);
  });

  test('are found if and only if somebody is led nowhere at some instant', () => {
    let without = 0;
    fc.assert(
      fc.property(someConfiguration, anInstant, (configuration, at) => {
        const holes = decisionHoles(configuration, now);
        if (holes.length === 0) without += 1;
        for (const each of whoever) {
          const routing = routeCase(practitioner(each), at, configuration);
          const nowhere = routing.hotline === null && routing.needs.length === 0;
          const inHole = holes.some(
            (hole) =>
              hole.from <= at &&
              (hole.until === undefined || at < hole.until) &&
              (each.setting === undefined || each.setting === hole.setting) &&
              (each.mode === undefined || each.mode === hole.mode) &&
              (hole.profession === undefined || each.profession === hole.profession),
          );
          if (nowhere) expect(inHole).toBe(true);
        }
        for (const { setting, mode, profession, from } of holes) {
          const who = { setting, mode, ...(profession !== undefined && { profession }) };
          expect(routeCase(who, from, configuration).hotline).toBe(null);
        }
      }),
      { numRuns: 150 },
    );
    expect(without).toBeGreaterThan(20);
  });

  test('nothing is decided otherwise between two turning points', () => {
    fc.assert(
      fc.property(someConfiguration, anInstant, (configuration, at) => {
        const before = turningPoints(configuration, now).findLast((point) => point <= at);
        for (const each of whoever) {
          expect(routeCase(practitioner(each), at, configuration).hotline).toBe(
            routeCase(practitioner(each), before ?? now, configuration).hotline,
          );
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('comparing rules', () => {
  const cases = [
    { number: 'VC-3', profession: '60', setting: 'other', mode: 'B' },
    { number: 'VC-2', profession: null, setting: 'practice', mode: 'L' },
    { number: 'VC-1', profession: '10', setting: 'practice', mode: 'B' },
  ] as const;

  test('counts who would go elsewhere, with a few numbers', () => {
    expect(compareRules(cases, notice, theNoticeWithDefault('liberaux'), now)).toEqual([
      {
        at: now,
        moved: [{ from: 'etablissements', to: 'liberaux', count: 2, examples: ['VC-3', 'VC-1'] }],
        unchanged: 1,
      },
    ]);
    expect(compareRules(cases, notice, notice, now)).toEqual([{ at: now, moved: [], unchanged: 3 }]);
    expect(compareRules([], notice, withoutDefault, now)).toEqual([{ at: now, moved: [], unchanged: 0 }]);
  });

  test('tells from when on, when that is later', () => {
    const dated: RoutingConfiguration = {
      ...notice,
      rules: [
        aRule({ mode: 'L', origin: 'notice', validFrom: '2027-01-01', validTo: '2027-02-01' }),
        ...notice.rules,
      ],
    };
    const found = compareRules(cases, notice, dated, now);
    expect(found.map(({ at, moved }) => [at.toISOString(), moved[0]?.examples])).toEqual([
      [now.toISOString(), undefined],
      ['2026-12-31T23:00:00.000Z', ['VC-2']],
      ['2027-01-31T23:00:00.000Z', undefined],
    ]);
  });
});
