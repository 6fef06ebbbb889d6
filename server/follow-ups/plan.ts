import { nextWorkingDayAt, type WorkingCalendar, workingMomentFrom } from '../routing/opening-hours.ts';
import { askingKinds, type FollowUpKind } from './follow-ups.table.ts';

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
  /**
   * For somebody who waits for their registration authority's correction: after how many working days to ask whether it
   * is through, 1 or more. How long that takes is nobody's promise: it is configuration.
   */
  readonly updateDays?: number | undefined;
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

/**
 * The mails of a new case, in the order in which they are due; none without an address and consent. Nobody is asked
 * twice on one day: whoever waits for a correction that may be through on the next working day is asked about that.
 */
export function planFollowUps(facts: PlanFacts): readonly PlannedMail[] {
  const { openedAt, calendar, updateDays } = facts;
  if (!facts.hasEmail || !facts.consent) return [];
  const next = nextWorkingDayAt(calendar, openedAt, askAt);
  let update: Date | undefined;
  for (let day = 0; day < (updateDays ?? 0); day++) {
    update = nextWorkingDayAt(calendar, update ?? openedAt, askAt);
  }
  const mails: PlannedMail[] = [{ kind: 'case_opened', round: 1, dueAt: openedAt }];
  if (update?.getTime() !== next.getTime()) mails.push({ kind: 'did_it_work', round: 1, dueAt: next });
  if (update) mails.push({ kind: 'update_through', round: 1, dueAt: update });
  return mails;
}

/** What is told of a callback: the first of each is written when it happens. */
export type CallbackMail = Extract<FollowUpKind, `callback_${string}`>;

/** A practitioner is reminded of a callback this long before. */
const remindBeforeMs = 30 * 60_000;

/** Those that tell of a callback to come. */
const announcing: ReadonlySet<CallbackMail> = new Set<CallbackMail>([
  'callback_booked',
  'callback_moved',
  'callback_missed',
]);

/**
 * The mails about a callback, whose round is its id: what just happened, at once; and a reminder of one to come, unless
 * it would follow the first mail within half an hour.
 */
export function planCallbackMails(
  kind: CallbackMail,
  callback: { readonly id: number; readonly startsAt: Date },
  now: Date,
): readonly PlannedMail[] {
  const { id: round, startsAt } = callback;
  const first: PlannedMail = { kind, round, dueAt: now };
  const remindAt = new Date(startsAt.getTime() - remindBeforeMs);
  if (!announcing.has(kind) || remindAt.getTime() - now.getTime() < remindBeforeMs) return [first];
  return [first, { kind: 'callback_reminder', round, dueAt: remindAt }];
}

/**
 * When a mail whose time has come may go out: what somebody waits for, at once; a question that was held up (workers
 * or mail server away) on a working day, in the hours in which it is asked, never in the night. Nobody is asked while
 * a callback is still to come: the working day after it.
 */
export function mayGoOutAt(
  kind: FollowUpKind,
  now: Date,
  calendar: WorkingCalendar,
  callback?: { readonly endsAt: Date } | undefined,
): Date {
  if (!askingKinds.has(kind)) return now;
  if (callback && callback.endsAt > now) return nextWorkingDayAt(calendar, callback.endsAt, askAt);
  return workingMomentFrom(calendar, now, { from: askAt, to: askUntil });
}
