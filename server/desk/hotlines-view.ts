/**
 * Purpose: a line in words for the desk: its hours, its exceptions, its coming days, its history.
 * Entry points: `viewLine`, `viewPreview`, `viewHistory`, `openCasesOf`, `lineNames`.
 * May import: server/routing, the counts of server/cases, server/desk's words.
 */
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { RoutingConfiguration } from '../routing/configuration.ts';
import type { StoredChange } from '../routing/configuration-history.ts';
import { describeOpening, servedBy } from '../routing/describe.ts';
import { changeInWords, ruleInWords } from '../routing/describe-changes.ts';
import {
  dateInWords,
  hoursInWords,
  periodInWords,
  previewInWords,
  type Wording,
  weekInWords,
} from '../routing/describe-hours.ts';
import { type HotlineDocument, hotlineOf, periodKey } from '../routing/hotline-document.ts';
import { openingAt } from '../routing/opening-hours.ts';
import { previewDays } from '../routing/preview-days.ts';
import { inForceAt, localDate, startOfDate } from '../routing/time-zones.ts';
import { shortLineName } from './case-view.ts';
import { shortMoment } from './moments.ts';

export interface LineReader extends Wording {
  readonly configuration: RoutingConfiguration;
  readonly now: Date;
}

/** The short name of a line by its id. */
export function lineNames(reader: LineReader): (id: string) => string {
  return (id) => shortLineName(reader, id);
}

/** A line as its page and the list show it. */
export function viewLine(reader: LineReader, id: string, document: HotlineDocument) {
  const { texts, language, configuration, now } = reader;
  const { schedule } = hotlineOf(id, document);
  const opening = openingAt(schedule, now);
  const today = localDate(document.zone, now);
  const exceptions = document.exceptions.map(({ day, note, intervals }) => ({
    day,
    name: dateInWords(reader, day, true),
    hours: hoursInWords(reader, intervals),
    note: note[language],
    past: day < today,
  }));
  return {
    id,
    name: document.name[language],
    otherName: document.name[language === 'fr' ? 'en' : 'fr'],
    phone: document.phone,
    phoneE164: document.phoneE164,
    cost: document.cost[language],
    zone: document.zone,
    calendar: texts.say(language, `configuration.calendars.${document.holidayCalendar}`),
    service: periodInWords(reader, document),
    serves: servedBy(configuration, id, now)
      .map((each) => texts.say(language, `routing.serves.${each}`))
      .join(', '),
    rules: configuration.rules
      .filter(({ hotline }) => hotline === id)
      .map((rule) => ruleInWords(reader, rule, lineNames(reader))),
    opening: { state: opening.state, sentence: describeOpening(texts, language, opening, now) },
    timetables: document.timetables.map((timetable) => ({
      key: periodKey(timetable),
      period: periodInWords(reader, timetable),
      week: weekInWords(reader, timetable),
      holidays: texts.say(language, `configuration.holidays.${timetable.holidays}`),
      inForce: inForceAt(timetable, document.zone, now),
    })),
    otherDates: document.timetables.every(({ validFrom, validTo }) => validFrom !== null || validTo !== null),
    coming: exceptions.filter(({ past }) => !past),
    past: exceptions.filter(({ past }) => past).reverse(),
  };
}

/**
 * The next 14 days of a line, those that differ from `saved` marked; and 14 from `from` on when what changes begins
 * after them.
 */
export function viewPreview(
  reader: LineReader,
  document: HotlineDocument,
  saved?: HotlineDocument,
  from?: string | null,
) {
  const block = (at: Date) => {
    const rows = previewInWords(reader, previewDays(hotlineOf('', document).schedule, at));
    const before = saved && previewInWords(reader, previewDays(hotlineOf('', saved).schedule, at));
    return rows.map((row, index) => {
      const was = before?.find(({ date }) => date === row.date) ?? before?.[index];
      const changed = was !== undefined && (was.hours !== row.hours || was.notes.join() !== row.notes.join());
      return { ...row, changed, was: changed ? was.hours : undefined };
    });
  };
  const soon = block(reader.now);
  const last = soon.at(-1)?.date ?? '';
  return {
    soon,
    later: from && from > last ? block(startOfDate(document.zone, from)) : undefined,
    laterFrom: from && dateInWords(reader, from),
  };
}

/** How many open cases a line holds; undefined for none. They stay its own when it ends, until an agent moves them. */
export async function openCasesOf(counts: QueueCounts, id: string): Promise<number | undefined> {
  const { waiting, in_progress, pending } = await counts.of([id]);
  return waiting + in_progress + pending || undefined;
}

/** Edits, the newest first, in words. */
export function viewHistory(reader: LineReader, changes: readonly StoredChange[]) {
  return changes.map((change) => {
    const { at, by, facts } = changeInWords(reader, change, lineNames(reader));
    return { at, when: shortMoment(at, reader.now, reader.language), by, facts };
  });
}
