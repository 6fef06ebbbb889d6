import type { FieldProblem } from '../problem.ts';
import { dayAfter, dayBefore } from '../routing/describe-hours.ts';
import { type HotlineDocument, periodKey, placeTimetable } from '../routing/hotline-document.ts';
import type { WeeklyInterval } from '../routing/schedule.ts';
import { readHours, writeHours } from '../routing/typed-hours.ts';
import { fault, type LineForm, newPart, typedDate } from './hotlines-form.ts';

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
const dayField = (weekday: number) => `day-${weekday}`;

/** The week of a line over a period: hours day by day, or that nobody knows them. */
export const timetableForm: LineForm = {
  fields: ['validFrom', 'lastDay', 'known', 'holidays', ...weekdays.map(dayField)],
  fill({ timetables }, part) {
    if (part === newPart) return { known: 'yes', holidays: 'closed' };
    const timetable = timetables.find((each) => periodKey(each) === part);
    if (!timetable) return undefined;
    return {
      validFrom: timetable.validFrom ?? '',
      lastDay: timetable.validTo === null ? '' : dayBefore(timetable.validTo),
      known: 'yes',
      holidays: timetable.holidays,
      ...Object.fromEntries(
        weekdays.map((weekday) => [
          dayField(weekday),
          writeHours(timetable.weekly.filter((each) => each.weekday === weekday)),
        ]),
      ),
    };
  },
  apply(document, part, typed) {
    const validFrom = typedDate(typed.validFrom);
    const lastDay = typedDate(typed.lastDay);
    const period = { validFrom, validTo: lastDay && dayAfter(lastDay) };
    const errors: FieldProblem[] = [];
    const weekly: WeeklyInterval[] = [];
    const known = typed.known !== 'no';
    for (const weekday of known ? weekdays : []) {
      const hours = readHours(typed[dayField(weekday)] ?? '');
      if (!hours) errors.push(fault(dayField(weekday), 'hours'));
      weekly.push(...(hours ?? []).map((each) => ({ weekday, ...each })));
    }
    const holidays = typed.holidays === 'open' ? 'open' : 'closed';
    if (known && typed.holidays !== holidays) errors.push(fault('holidays', 'holidays'));
    if (!known && part === newPart && validFrom === null) errors.push(fault('validFrom', 'unknownFrom'));
    const replaced = part === newPart ? undefined : part;
    const hours = known ? ({ holidays, weekly } as const) : undefined;
    return {
      document: { ...document, timetables: placeTimetable(document.timetables, period, hours, replaced) },
      errors,
      from: validFrom,
    };
  },
  remove: (document, part) => ({
    ...document,
    timetables: document.timetables.filter((each) => periodKey(each) !== part),
  }),
  fieldOf(path, document) {
    const [, list, at, field, place] = path.split('/');
    if (list !== 'timetables') return '';
    if (field === 'validFrom') return 'validFrom';
    if (field === 'validTo') return 'lastDay';
    return dayField(weekdayAt(document, Number(at), Number(place)));
  },
};

function weekdayAt({ timetables }: HotlineDocument, timetable: number, interval: number): number {
  return timetables[timetable]?.weekly[interval]?.weekday ?? 1;
}
