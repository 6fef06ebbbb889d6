import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aHotline, aRule, aSchedule, cartesian, theNotice } from './builders.ts';
import type { RoutingConfiguration } from './configuration.ts';
import {
  type Activity,
  type Mode,
  modes,
  noProfession,
  professions,
  settings,
} from './practitioner-types.ts';
import { type Routing, routeCase } from './route-case.ts';

const monday = new Date('2026-11-23T10:00:00+01:00');
const notice = theNotice();

function route(practitioner: Parameters<typeof routeCase>[0], configuration = notice): Routing {
  return routeCase(practitioner, monday, configuration);
}

/** The notice's configuration, our default being the other line. */
const defaultIsLiberaux: RoutingConfiguration = {
  ...notice,
  rules: notice.rules.map((rule) => (rule.origin === 'default' ? { ...rule, hotline: 'liberaux' } : rule)),
};

describe('every practitioner type × setting × mode', () => {
  /** What the notice and our default say, written again by hand. `undefined` is "not said". */
  const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    establishment: {
      L: 'etablissements',
      S: 'etablissements',
      B: 'etablissements',
      undefined: 'etablissements',
    },
    vaccination_centre: {
      L: 'etablissements',
      S: 'etablissements',
      B: 'etablissements',
      undefined: 'etablissements',
    },
    practice: { L: 'liberaux', S: 'etablissements', B: 'etablissements by default', undefined: 'ask mode' },
    other: { L: 'liberaux', S: 'etablissements', B: 'etablissements by default', undefined: 'ask mode' },
    undefined: {
      L: 'liberaux',
      S: 'etablissements',
      B: 'etablissements by default',
      undefined: 'ask setting, mode',
    },
  };
  const said = (routing: Routing) => {
    if (routing.hotline === null) return `ask ${routing.needs.join(', ')}`;
    return routing.reason.code === 'not_named' ? `${routing.hotline} by default` : routing.hotline;
  };

  const table = cartesian({
    profession: [undefined, noProfession, ...professions.map(({ code }) => code)],
    setting: [undefined, ...settings],
    mode: [undefined, ...modes],
  });

  test('goes where the decision table says', () => {
    expect(table).toHaveLength(32 * 5 * 4);
    for (const { profession, setting, mode } of table) {
      const routing = route({
        ...(profession && { profession }),
        ...(setting && { setting }),
        ...(mode && { mode }),
      });
      expect(said(routing), `${profession} ${setting} ${mode}`).toBe(expected[`${setting}`]?.[`${mode}`]);
    }
  });
});

describe('the reason', () => {
  test('is the place when the place decides, whatever the mode', () => {
    for (const mode of modes) {
      expect(route({ setting: 'vaccination_centre', mode }).reason).toEqual({
        code: 'place',
        setting: 'vaccination_centre',
        known: 'declared',
      });
    }
    expect(route({ setting: 'establishment' }).reason).toEqual({
      code: 'place',
      setting: 'establishment',
      known: 'declared',
    });
  });

  test('is the mode elsewhere', () => {
    expect(route({ setting: 'practice', mode: 'L' }).reason).toEqual({ code: 'mode', mode: 'L' });
    expect(route({ mode: 'S' }).reason).toEqual({ code: 'mode', mode: 'S' });
  });

  test('says that the notice does not name a volunteer elsewhere', () => {
    expect(route({ setting: 'other', mode: 'B' }).reason).toEqual({
      code: 'not_named',
      mode: 'B',
      setting: 'other',
    });
  });

  test('comes with the opening of the line at that instant', () => {
    expect(route({ mode: 'S' })).toMatchObject({
      opening: { state: 'open', closesAt: '2026-11-23T20:00:00+01:00' },
    });
    expect(route({ mode: 'L' })).toMatchObject({ opening: { state: 'unknown' } });
  });
});

describe('several activities', () => {
  const salaried: Activity = { mode: 'S' };
  const independent: Activity = { mode: 'L' };

  test('that lead to different lines are asked about, and the place settles it', () => {
    expect(route({ activities: [salaried, independent] })).toEqual({
      hotline: null,
      reason: { code: 'several_activities', modes: ['L', 'S'] },
      needs: ['activity'],
    });
    expect(route({ activities: [salaried, independent], setting: 'establishment' }).hotline).toBe(
      'etablissements',
    );
    expect(route({ activities: [salaried, independent], mode: 'L' }).hotline).toBe('liberaux');
    expect(route({ activities: [salaried, independent], setting: 'other' })).toMatchObject({
      needs: ['activity'],
    });
  });

  test('that lead to one line are not', () => {
    expect(route({ activities: [salaried, salaried] })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
    expect(route({ activities: [{ mode: 'B' }, salaried] })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
  });

  test('none at all (an exclusive stand-in) is as good as nothing known', () => {
    expect(route({ activities: [] })).toEqual(route({}));
    expect(route({})).toEqual({
      hotline: null,
      reason: { code: 'nothing_known' },
      needs: ['setting', 'mode'],
    });
  });

  test('are told apart by the FINESS number given', () => {
    const hospital: Activity = { mode: 'L', sector: 'SA01', finess: '750712184' };
    const practice: Activity = { mode: 'L', sector: 'SA07', finess: '310000010' };
    const pharmacy: Activity = { mode: 'S', sector: 'SA33', finess: '690000020' };
    const activities = [practice, hospital, pharmacy];
    expect(route({ activities, finess: '750712184' })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'place', setting: 'establishment', known: 'finess' },
    });
    expect(route({ activities, finess: '310000010' })).toMatchObject({
      hotline: 'liberaux',
      reason: { code: 'mode', mode: 'L' },
    });
    expect(route({ activities, finess: '690000020' })).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'mode', mode: 'S' },
    });
  });

  test('a FINESS number that belongs to none of them, or comes alone, decides nothing', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA07', finess: '310000010' }];
    expect(route({ activities, finess: '750712184' }).hotline).toBe('liberaux');
    expect(route({ finess: '750712184' })).toEqual(route({}));
  });

  test('a declared place overrides what the FINESS number suggests', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA01', finess: '750712184' }];
    expect(route({ activities, finess: '750712184', setting: 'practice' }).hotline).toBe('liberaux');
  });

  test('an independent whom the directory places in a hospital is asked where they are', () => {
    const activities: readonly Activity[] = [{ mode: 'L', sector: 'SA01' }];
    expect(route({ activities })).toEqual({
      hotline: null,
      reason: { code: 'place_unknown' },
      needs: ['setting'],
    });
    expect(route({ activities, setting: 'practice' }).hotline).toBe('liberaux');
    expect(route({ activities, setting: 'establishment' }).hotline).toBe('etablissements');
  });

  test('a declared practice leaves out the activity in a hospital', () => {
    const activities: readonly Activity[] = [
      { mode: 'S', sector: 'SA01' },
      { mode: 'L', sector: 'SA07' },
    ];
    expect(route({ activities })).toMatchObject({ hotline: null, needs: ['activity'] });
    expect(route({ activities, setting: 'practice' })).toMatchObject({ hotline: 'liberaux' });
  });

  const anActivity: fc.Arbitrary<Activity> = fc
    .record({
      mode: fc.constantFrom(...modes),
      sector: fc.constantFrom(undefined, 'SA01', 'SA05', 'SA07', 'SA33'),
      finess: fc.constantFrom(undefined, '750712184', '310000010'),
    })
    .map(({ mode, sector, finess }) => ({ mode, ...(sector && { sector }), ...(finess && { finess }) }));

  test('their order never matters', () => {
    fc.assert(
      fc.property(
        fc
          .array(anActivity, { maxLength: 4 })
          .chain((some) =>
            fc.tuple(
              fc.constant(some),
              fc.shuffledSubarray(some, { minLength: some.length, maxLength: some.length }),
            ),
          ),
        fc.constantFrom(undefined, '750712184'),
        fc.constantFrom(undefined, ...settings),
        fc.constantFrom(notice, defaultIsLiberaux),
        ([activities, shuffled], finess, setting, configuration) => {
          const rest = { ...(finess && { finess }), ...(setting && { setting }) };
          expect(route({ ...rest, activities: shuffled }, configuration)).toEqual(
            route({ ...rest, activities }, configuration),
          );
        },
      ),
    );
  });

  test('answering what is asked always ends with a line', () => {
    fc.assert(
      fc.property(
        fc.array(anActivity, { maxLength: 4 }),
        fc.constantFrom(...settings),
        fc.constantFrom(...modes),
        fc.constantFrom(notice, defaultIsLiberaux),
        (activities, setting, mode, configuration) => {
          const first = route({ activities }, configuration);
          const needs = first.hotline === null ? first.needs : [];
          const answers = {
            ...(needs.includes('setting') && { setting }),
            ...((needs.includes('mode') || needs.includes('activity')) && { mode }),
          };
          const second = route({ activities, ...answers }, configuration);
          const last =
            second.hotline === null && second.needs.includes('setting')
              ? route({ activities, ...answers, setting }, configuration)
              : second;
          expect(last.hotline).not.toBeNull();
        },
      ),
    );
  });
});

describe('rules as data', () => {
  test('a volunteer who did not say where is asked only when the place would change the line', () => {
    expect(route({ mode: 'B' }).hotline).toBe('etablissements');
    expect(route({ mode: 'B' }, defaultIsLiberaux)).toEqual({
      hotline: null,
      reason: { code: 'place_unknown' },
      needs: ['setting'],
    });
    expect(route({ mode: 'B', setting: 'other' }, defaultIsLiberaux).hotline).toBe('liberaux');
  });

  test('the first in order decides, by profession too', () => {
    const pharmacists: RoutingConfiguration = {
      ...notice,
      rules: [aRule({ profession: '21', hotline: 'liberaux', origin: 'notice' }), ...notice.rules],
    };
    expect(route({ profession: '21', mode: 'S' }, pharmacists)).toMatchObject({
      hotline: 'liberaux',
      reason: { code: 'profession', profession: '21' },
    });
    expect(route({ profession: '21' }, pharmacists).reason).toEqual({ code: 'profession', profession: '21' });
    expect(route({ profession: '10', mode: 'S' }, pharmacists).hotline).toBe('etablissements');
  });

  test('a rule holds from its first day on, and no longer on its last bound', () => {
    const moved: RoutingConfiguration = {
      ...notice,
      rules: [
        aRule({ mode: 'L', origin: 'notice', validFrom: '2026-07-01', validTo: '2026-08-01' }),
        ...notice.rules,
      ],
    };
    const on = (instant: string) => routeCase({ mode: 'L' }, new Date(instant), moved).hotline;
    expect(on('2026-06-30T23:59:59+02:00')).toBe('liberaux');
    expect(on('2026-07-01T00:00:00+02:00')).toBe('etablissements');
    expect(on('2026-07-31T23:59:59+02:00')).toBe('etablissements');
    expect(on('2026-08-01T00:00:00+02:00')).toBe('liberaux');
  });

  test('a line that no longer exists gives way to the default, and the reason says so', () => {
    const ended: RoutingConfiguration = {
      ...notice,
      hotlines: notice.hotlines.map((hotline) =>
        hotline.id === 'liberaux'
          ? {
              ...hotline,
              schedule: { ...hotline.schedule, inService: { validFrom: null, validTo: '2026-11-23' } },
            }
          : hotline,
      ),
    };
    expect(route({ mode: 'L' }, ended)).toMatchObject({
      hotline: 'etablissements',
      reason: { code: 'line_out_of_service', line: 'liberaux' },
    });
    expect(routeCase({ mode: 'L' }, new Date('2026-11-22T23:59:59+01:00'), ended).hotline).toBe('liberaux');
  });

  test('with one line only, nothing is asked and no mode is made up', () => {
    const single: RoutingConfiguration = {
      hotlines: [aHotline()],
      rules: [aRule({ mode: 'S', origin: 'notice' }), aRule()],
    };
    expect(route({}, single)).toMatchObject({ hotline: 'etablissements', reason: { code: 'one_line' } });
  });

  test('without any line in service there is nothing to ask', () => {
    const over = aSchedule({ inService: { validFrom: null, validTo: '2024-06-29' } });
    const none = { hotlines: [aHotline({ schedule: over })], rules: [aRule()] };
    const nothing = { hotline: null, reason: { code: 'no_line' }, needs: [] };
    expect(route({ mode: 'S' }, none)).toEqual(nothing);
    expect(route({}, { hotlines: [], rules: [] })).toEqual(nothing);
  });

  test('without a default, what a rule names still has its line', () => {
    const bare: RoutingConfiguration = {
      ...notice,
      rules: notice.rules.filter(({ origin }) => origin === 'notice'),
    };
    const named: readonly (readonly [Mode, string])[] = [
      ['S', 'etablissements'],
      ['L', 'liberaux'],
    ];
    for (const [mode, hotline] of named) expect(route({ mode }, bare).hotline).toBe(hotline);
    expect(route({ mode: 'B', setting: 'other' }, bare).reason).toEqual({ code: 'no_line' });
  });
});
