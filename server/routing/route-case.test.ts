import { describe, expect, test } from 'vitest';
import { aHotline, aRule, aSchedule, cartesian, theNotice, theNoticeWithDefault } from './builders.ts';
import type { RoutingConfiguration } from './configuration.ts';
import { type Mode, modes, noProfession, professions, settings } from './practitioner-types.ts';
import { type Routing, routeCase } from './route-case.ts';

const monday = new Date('2026-11-23T10:00:00+01:00');
const notice = theNotice();

function route(practitioner: Parameters<typeof routeCase>[0], configuration = notice): Routing {
  return routeCase(practitioner, monday, configuration);
}
const defaultIsLiberaux = theNoticeWithDefault('liberaux');

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
