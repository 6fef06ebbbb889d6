/** What every page of the desk shares: its sentences, its announcements, the server's clock. */

import { ageInWords, clockOffset } from './ages.js';

const texts = document.getElementById('desk-texts')?.dataset ?? {};

/**
 * A sentence that the server put in the page, with `{name}` replaced.
 * @param {string} key
 * @param {Readonly<Record<string, string | number>>} [parameters]
 * @returns {string}
 */
export function say(key, parameters = {}) {
  return (texts[key] ?? '').replace(/\{(\w+)\}/g, (_, name) => String(parameters[name] ?? ''));
}

/**
 * A sentence in the form that a count asks for: keys end in `One` and `Other`.
 * @param {string} key
 * @param {number} count
 */
export function sayCount(key, count) {
  const form = new Intl.PluralRules(language).select(count) === 'one' ? 'One' : 'Other';
  return say(`${key}${form}`, { count });
}

export const language = document.documentElement.lang;

const queueElement = document.querySelector('[data-now]');
const offset =
  queueElement instanceof HTMLElement ? clockOffset(queueElement.dataset.now ?? '', Date.now()) : 0;

/** The present instant on the server's clock, in milliseconds. */
export const now = () => Date.now() + offset;

const announcer = document.getElementById('announcer');
/** @type {string[]} */
let waiting = [];
let saying = false;

/**
 * Says a sentence to screen readers once they are silent; what comes within a second is said together.
 * @param {string} sentence
 */
export function announce(sentence) {
  waiting.push(sentence);
  if (saying) return;
  saying = true;
  setTimeout(() => {
    if (announcer) announcer.textContent = waiting.join(' ');
    waiting = [];
    saying = false;
  }, 1000);
}

/** So long before a callback it is about to be due. */
const dueSoon = 5 * 60_000;

/**
 * Writes the true age in every `<time data-since>` below `root`, and marks the callbacks that are due.
 * @param {ParentNode} root
 */
export function refreshAges(root) {
  for (const element of root.querySelectorAll('time[data-since]')) {
    if (!(element instanceof HTMLTimeElement)) continue;
    const age = ageInWords(Date.parse(element.dateTime), now(), language);
    if (element.textContent !== age) element.textContent = age;
  }
  for (const element of root.querySelectorAll('time[data-due]')) {
    if (!(element instanceof HTMLTimeElement)) continue;
    element.parentElement?.classList.toggle('is-due', Date.parse(element.dateTime) - now() <= dueSoon);
  }
}
