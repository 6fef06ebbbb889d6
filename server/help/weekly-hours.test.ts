import { describe, expect, it } from 'vitest';
import type { Timetable } from '../routing/schedule.ts';
import { testTexts } from '../testing/test-app.ts';
import type { Language } from '../texts.ts';
import { weeklyHours } from './weekly-hours.ts';

const monday = new Date('2026-11-23T10:00:00+01:00');

function timetable(overrides: Partial<Timetable> = {}): Timetable {
  return {
    validFrom: null,
    validTo: null,
    holidays: 'open',
    weekly: days([1, 2, 3, 4, 5, 6, 7]),
    ...overrides,
  };
}

function days(weekdays: readonly number[], opensAt = '09:00', closesAt = '20:00') {
  return weekdays.map((weekday) => ({ weekday, opensAt, closesAt }));
}

function inWords(timetables: readonly Timetable[], language: Language = 'fr', at = monday): string {
  const sentences = weeklyHours(testTexts, language, { zone: 'Europe/Paris', timetables }, at);
  return sentences.join(' ').replaceAll('\u00a0', ' ');
}

describe('the hours of an ordinary week, in words', () => {
  it('says "every day" once', () => {
    expect(inWords([timetable()])).toBe('Tous les jours, de 9 h 00 à 20 h 00. Jours fériés compris.');
    expect(inWords([timetable()], 'en')).toBe('Every day, 09:00 to 20:00. Public holidays included.');
  });

  it('groups the days that are alike, and leaves out the closed ones', () => {
    const weekly = [...days([1, 2, 3, 4, 5], '08:30', '17:30'), ...days([6], '09:00', '12:00')];
    expect(inWords([timetable({ weekly, holidays: 'closed' })])).toBe(
      'Du lundi au vendredi, de 8 h 30 à 17 h 30. Le samedi, de 9 h 00 à 12 h 00. Fermé les jours fériés.',
    );
  });

  it('does not join days that a closed one separates', () => {
    expect(inWords([timetable({ weekly: days([1, 2, 4]) })])).toBe(
      'Le lundi et le mardi, de 9 h 00 à 20 h 00. Le jeudi, de 9 h 00 à 20 h 00. Jours fériés compris.',
    );
  });

  it('says both halves of a split day', () => {
    const weekly = [...days([1], '09:00', '12:00'), ...days([1], '14:00', '18:00')];
    expect(inWords([timetable({ weekly })])).toContain(
      'Le lundi, de 9 h 00 à 12 h 00 et de 14 h 00 à 18 h 00.',
    );
  });

  it('says those in force on the date of the line’s own zone, and nothing when none are known', () => {
    const old = timetable({ validTo: '2026-11-24', weekly: days([1], '10:00', '11:00') });
    const next = timetable({ validFrom: '2026-11-24' });
    expect(inWords([old, next])).toContain('de 10 h 00 à 11 h 00');
    // Already Tuesday in Paris.
    expect(inWords([old, next], 'fr', new Date('2026-11-23T23:30:00Z'))).toContain('Tous les jours');
    expect(inWords([])).toBe('');
  });
});
