import { isShown } from './queue-state.js';

/** What the queue's elements say: a row, made by the server on the page or pushed later, carries all that orders it. */

/** @typedef {import('./queue-state.js').Item} Item */

const priorities = ['urgent', 'high', 'normal', 'low'];

/**
 * The case that a row shows.
 * @param {HTMLElement} row
 * @returns {Item}
 */
export function itemOf(row) {
  const {
    number = '',
    version,
    hotline = '',
    state = '',
    priority = '',
    returned,
    assignee = '',
  } = row.dataset;
  const since = row.querySelector('time[data-since]');
  return {
    number,
    version: Number(version),
    hotline,
    state,
    rank: priorities.indexOf(priority),
    returnedAt: returned ? Date.parse(returned) : null,
    waitingSince: since instanceof HTMLTimeElement ? Date.parse(since.dateTime) : 0,
    assignee,
  };
}

/**
 * The row that the server rendered; undefined for anything else.
 * @param {unknown} html
 * @returns {HTMLElement | undefined}
 */
export function rowFrom(html) {
  if (typeof html !== 'string') return undefined;
  const holder = document.createElement('template');
  holder.innerHTML = html;
  const row = holder.content.querySelector('tr');
  return row ?? undefined;
}

/**
 * Puts the focus back on the same control of a row that is now another element.
 * @param {HTMLElement} row
 * @param {Element} was the control that had the focus in the row before
 */
export function focusAgain(row, was) {
  const same = was.matches('[data-claim]') ? row.querySelector('[data-claim]') : null;
  const control = same ?? row.querySelector('[data-open]');
  if (control instanceof HTMLElement) control.focus({ preventScroll: true });
}

/** @param {Item} item */
export const sectionOf = (item) =>
  isShown(item.state) ? document.querySelector(`[data-section="${item.state}"]`) : null;
