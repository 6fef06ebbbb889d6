import { nextWorkingDayAt, type WorkingCalendar, workingMomentFrom } from '../routing/opening-hours.ts';
import type { FollowUpKind } from './follow-ups.table.ts';

/** One mail to send: what about, which one of its kind, not before when. */
export interface PlannedMail {
  readonly kind: FollowUpKind;
  readonly round: number;
  readonly dueAt: Date;
}

/** What the plan of a new case depends on. */
export interface PlanFacts {
  readonly openedAt: Date;
  /** Whether there is an address to write to. */
  readonly hasEmail: boolean;
  /** Whether the practitioner agreed to be written to. */
  readonly consent: boolean;
  /** The hotline's own days: "the next working day" is counted on its wall calendar. */
  readonly calendar: WorkingCalendar;
}

/** On the hotline's wall clock: when people who were stuck the day before are back at work and can answer. */
const askAt = '10:00';

/** A question that could not be asked in time is still asked the same day until then. */
const askUntil = '18:00';

/** What asking once more depends on. */
export interface AskAgainFacts {
  /** The last time it was asked: which round, and when the question went out. */
  readonly lastAsked: { readonly round: number; readonly sentAt: Date } | undefined;
  /** When the practitioner last said "still stuck". */
  readonly returnedAt: Date | undefined;
  readonly resolvedAt: Date;
  readonly calendar: WorkingCalendar;
}

/**
 * The question to ask again after an agent resolved the case; none unless the practitioner, once asked, came back
 * still stuck: whoever said nothing is not asked twice.
 */
export function planQuestionAgain(facts: AskAgainFacts): PlannedMail | undefined {
  const { lastAsked, returnedAt, resolvedAt, calendar } = facts;
  if (!lastAsked || !returnedAt || returnedAt < lastAsked.sentAt) return undefined;
  return {
    kind: 'did_it_work',
    round: lastAsked.round + 1,
    dueAt: nextWorkingDayAt(calendar, resolvedAt, askAt),
  };
}

/** The mails of a new case, in the order in which they are due; none without an address and consent. */
export function planFollowUps(facts: PlanFacts): readonly PlannedMail[] {
  if (!facts.hasEmail || !facts.consent) return [];
  return [
    { kind: 'case_opened', round: 1, dueAt: facts.openedAt },
    { kind: 'did_it_work', round: 1, dueAt: nextWorkingDayAt(facts.calendar, facts.openedAt, askAt) },
  ];
}

/**
 * When a mail whose time has come may go out: what somebody waits for, at once; a question that was held up (workers
 * or mail server away) on a working day, in the hours in which it is asked, never in the night.
 */
export function mayGoOutAt(kind: FollowUpKind, now: Date, calendar: WorkingCalendar): Date {
  return kind === 'did_it_work' ? workingMomentFrom(calendar, now, { from: askAt, to: askUntil }) : now;
}
