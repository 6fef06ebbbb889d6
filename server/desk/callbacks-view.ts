import { ageInWords } from '../../templates/assets/desk/ages.js';
import type { ListedCallback } from '../callbacks/list-callbacks.ts';
import { offerCallbacks } from '../callbacks/offer-callbacks.ts';
import { dueSoonMs } from '../callbacks/place-callback.ts';
import type { CaseDetail } from '../cases/find-case.ts';
import type { Dependencies } from '../dependencies.ts';
import { phoneInWords, type Reader, shortLineName } from './case-view.ts';
import { shortMoment } from './moments.ts';

/** How many times are proposed for another call: more than a day's. */
const timesShown = 60;

/** Whether a call is to be made now, or should have been. */
export function isDue(callbackAt: string | Date, now: Date): boolean {
  return new Date(callbackAt).getTime() - now.getTime() <= dueSoonMs;
}

/** The call that is booked, on its case's page: and when else it could be. */
export async function viewCallback(
  { db, config }: Pick<Dependencies, 'db' | 'config'>,
  { configuration, now, language }: Reader,
  { hotline }: CaseDetail,
) {
  const rules = { configuration, terms: config.callbacks };
  const { slots } = await offerCallbacks(db, hotline, rules, now);
  return {
    times: slots.slice(0, timesShown).map(({ startsAt }) => ({
      value: startsAt.toISOString(),
      label: shortMoment(startsAt, now, language),
    })),
  };
}

/** A call of the day as the list shows it. */
export function viewListedCallback(reader: Reader, callback: ListedCallback) {
  const { now, language } = reader;
  const { startsAt, state, phone, hotlineId, summary } = callback;
  const toMake = state === 'booked';
  return {
    ...callback,
    toMake,
    due: toMake && isDue(startsAt, now),
    late: toMake && startsAt < now && ageInWords(startsAt.getTime(), now.getTime(), language),
    at: shortMoment(startsAt, now, language),
    unkept: toMake && callback.unkept !== null && shortMoment(callback.unkept, now, language),
    phone: phone === null ? undefined : phoneInWords(phone),
    line: shortLineName(reader, hotlineId),
    summary: summary[language],
    english: callback.language === 'en',
  };
}
