import { describe, expect, test } from 'vitest';
import { type Language, languages, loadTexts } from '../texts.ts';
import { aRule, aSchedule, aTimetable, cartesian, theNotice } from './builders.ts';
import { describeOpening, describeOpeningReason, describeReason, servedBy } from './describe.ts';
import { holidayIds } from './holidays.ts';
import { type Opening, openingAt } from './opening-hours.ts';
import { modes, noProfession, professions, settings } from './practitioner-types.ts';
import { type RoutingReason, routeCase } from './route-case.ts';
import type { HoursReason, Schedule } from './schedule.ts';

const texts = loadTexts();
const daily = aSchedule();

function say(schedule: Schedule, iso: string, language: Language = 'fr', callerZone?: string): string {
  const at = new Date(iso);
  // Spaces that do not break are a matter of typography; compared as spaces.
  return describeOpening(texts, language, openingAt(schedule, at), at, callerZone).replaceAll('\u00a0', ' ');
}

describe('the opening in one line', () => {
  test.each([
    ['2026-11-23T10:00:00+01:00', 'Ouvert jusqu’à 20 h 00', 'Open until 20:00'],
    ['2026-11-23T20:00:00+01:00', 'Fermé — ouvre demain à 9 h 00', 'Closed — opens tomorrow at 09:00'],
    ['2026-11-23T08:59:59+01:00', 'Fermé — ouvre à 9 h 00', 'Closed — opens at 09:00'],
  ])('at %s says « %s »', (at, fr, en) => {
    expect(say(daily, at)).toBe(fr);
    expect(say(daily, at, 'en')).toBe(en);
  });

  test('names the day when it is further', () => {
    const office = aSchedule({
      timetables: [aTimetable([['08:30', '17:00']], { weekdays: [1, 2, 3, 4, 5], holidays: 'closed' })],
    });
    expect(say(office, '2026-05-01T10:00:00+02:00')).toBe('Fermé — ouvre lundi 4 mai à 8 h 30');
    expect(say(office, '2026-05-01T10:00:00+02:00', 'en')).toBe('Closed — opens Monday 4 May at 08:30');
    expect(say(office, '2026-05-29T17:00:00+02:00')).toBe('Fermé — ouvre lundi 1er juin à 8 h 30');
    expect(say(office, '2026-05-29T17:00:00+02:00', 'en')).toBe('Closed — opens Monday 1 June at 08:30');
  });

  test('says midnight', () => {
    const evening = aSchedule({ timetables: [aTimetable([['18:00', '24:00']])] });
    expect(say(evening, '2026-11-23T19:00:00+01:00')).toBe('Ouvert jusqu’à minuit');
    const night = aSchedule({ timetables: [aTimetable([['00:00', '06:00']])] });
    expect(say(night, '2026-11-23T19:00:00+01:00')).toBe('Fermé — ouvre à minuit');
  });

  test('claims nothing that is not known', () => {
    expect(say(aSchedule({ timetables: [] }), '2026-11-23T10:00:00+01:00')).toBe('Horaires non communiqués');
    expect(say(aSchedule({ timetables: [] }), '2026-11-23T10:00:00+01:00', 'en')).toBe('Hours not known');
    const always = aSchedule({ timetables: [aTimetable([['00:00', '24:00']])] });
    expect(say(always, '2026-11-23T10:00:00+01:00')).toBe('Ouvert');
    const never = aSchedule({ timetables: [aTimetable([])] });
    expect(say(never, '2026-11-23T10:00:00+01:00')).toBe('Fermé');
  });
});

describe('for a caller far away', () => {
  test.each([
    [
      'Indian/Reunion',
      '2026-11-23T10:00:00+01:00',
      'Ouvert jusqu’à 20 h 00, heure de Paris (23 h 00, heure de La Réunion)',
    ],
    [
      'Indian/Reunion',
      '2026-07-14T19:00:00+02:00',
      'Ouvert jusqu’à 20 h 00, heure de Paris (22 h 00, heure de La Réunion)',
    ],
    [
      // Their date is already the next one: the line still closes "today" in Paris.
      'Pacific/Noumea',
      '2026-04-05T15:30:00+02:00',
      'Ouvert jusqu’à 20 h 00, heure de Paris (5 h 00, heure de Nouméa)',
    ],
    [
      'Pacific/Noumea',
      '2026-04-05T14:30:00+02:00',
      'Ouvert jusqu’à 20 h 00, heure de Paris (demain à 5 h 00, heure de Nouméa)',
    ],
    [
      'America/Martinique',
      '2026-11-23T20:00:00+01:00',
      'Fermé — ouvre demain à 9 h 00, heure de Paris (demain à 4 h 00, heure de Martinique)',
    ],
    [
      'America/New_York',
      '2026-11-23T10:00:00+01:00',
      'Ouvert jusqu’à 20 h 00, heure de Paris (14 h 00, heure locale de New York)',
    ],
  ])('in %s at %s gives both clocks', (zone, at, expected) => {
    expect(say(daily, at, 'fr', zone)).toBe(expected);
  });

  test('gives one clock where both show the same time', () => {
    expect(say(daily, '2026-11-23T10:00:00+01:00', 'fr', 'Europe/Brussels')).toBe('Ouvert jusqu’à 20 h 00');
  });

  test('in English', () => {
    expect(say(daily, '2026-11-23T20:00:00+01:00', 'en', 'Pacific/Tahiti')).toBe(
      'Closed — opens tomorrow at 09:00, Paris time (at 22:00, Tahiti time)',
    );
  });
});

describe('every sentence exists in both languages', () => {
  const hours: readonly (readonly [HoursReason, readonly Opening['state'][]])[] = [
    [{ code: 'regular_hours' }, ['open', 'closed']],
    ...holidayIds.map((holiday) => [{ code: 'public_holiday', holiday }, ['open', 'closed']] as const),
    [{ code: 'exception', note: { fr: 'Grève', en: 'Strike' } }, ['open', 'closed']],
    [{ code: 'not_in_service' }, ['closed']],
    [{ code: 'hours_unknown' }, ['unknown']],
  ];

  test.each(languages)('of why it is open or closed (%s)', (language) => {
    for (const [reason, states] of hours) {
      for (const state of states) {
        const said = describeOpeningReason(texts, language, { state, reason, zone: 'Europe/Paris' });
        if (reason.code === 'exception') expect(said).toContain(reason.note[language]);
        expect(said).toMatch(/\.$/);
      }
    }
  });

  const reasons: readonly RoutingReason[] = [
    ...cartesian({ setting: settings, known: ['declared', 'finess'] as const }).map(
      (each) => ({ code: 'place', ...each }) as const,
    ),
    ...modes.map((mode) => ({ code: 'mode', mode }) as const),
    ...cartesian({ mode: modes, setting: settings }).map((each) => ({ code: 'not_named', ...each }) as const),
    { code: 'profession', profession: '21' },
    { code: 'line_out_of_service', line: 'liberaux' },
    { code: 'one_line' },
    { code: 'nothing_known' },
    { code: 'mode_unknown', setting: 'practice' },
    { code: 'place_unknown' },
    { code: 'several_activities', modes: ['L', 'S'] },
    { code: 'no_line' },
  ];

  test.each(languages)('of why this hotline (%s)', (language) => {
    for (const reason of reasons) expect(describeReason(texts, language, reason)).toMatch(/\.$/);
  });

  test.each(languages)('of questions, places, modes, professions (%s)', (language) => {
    const keys = [
      ...['setting', 'mode', 'activity'].map((each) => `questions.${each}`),
      ...settings.flatMap((each) => [`settings.${each}`, `serves.${each}`]),
      ...modes.flatMap((each) => [`modes.${each}`, `serves.${each}`]),
      ...[...professions.map(({ code }) => code), noProfession, 'other'].map((each) => `professions.${each}`),
    ];
    for (const key of keys) expect(texts.has(language, `routing.${key}`), key).toBe(true);
  });

  test('and the two catalogues have the same keys', () => {
    const keys = (language: Language) => texts.keys(language).filter((key) => key.startsWith('routing.'));
    expect(keys('fr')).toEqual(keys('en'));
  });
});

test('the reason of our default says that the notice is silent', () => {
  const { reason } = routeCase(
    { mode: 'B', setting: 'other' },
    new Date('2026-11-23T10:00:00Z'),
    theNotice(),
  );
  expect(describeReason(texts, 'fr', reason)).toContain('La notice de Vaccin Covid n’indique pas de ligne');
});

test('whom a line serves is what the notice says at that date', () => {
  const at = new Date('2026-11-23T10:00:00Z');
  expect(servedBy(theNotice(), 'etablissements', at)).toEqual(['establishment', 'vaccination_centre', 'S']);
  expect(servedBy(theNotice(), 'liberaux', at)).toEqual(['L']);
  const later = {
    ...theNotice(),
    rules: [aRule({ mode: 'L', hotline: 'liberaux', origin: 'notice', validFrom: '2027-01-01' })],
  };
  expect(servedBy(later, 'liberaux', at)).toEqual([]);
});
