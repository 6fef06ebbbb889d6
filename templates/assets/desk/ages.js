/**
 * How long ago something was, in a few characters that need no translation table: used by the server when it
 * renders a page and by the browser to keep it true.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * The age of an instant: "12 min", then "3 h 5 min", then "2 j 4 h"; never negative, so that a browser whose clock
 * is late shows "0 min".
 * @param {number} since milliseconds of the epoch
 * @param {number} now milliseconds of the epoch
 * @param {string} language `fr` or `en`
 * @returns {string}
 */
export function ageInWords(since, now, language) {
  const age = Math.max(0, now - since);
  const minutes = Math.floor(age / minute);
  if (age < hour) return quantity(minutes, 'minute', language);
  const hours = Math.floor(age / hour);
  if (age < day) return `${quantity(hours, 'hour', language)} ${quantity(minutes % 60, 'minute', language)}`;
  const days = Math.floor(age / day);
  return `${quantity(days, 'day', language)} ${quantity(hours % 24, 'hour', language)}`;
}

/**
 * The browser's clock may be wrong: what to add to it to have the server's.
 * @param {string} serverTime the instant at which the server made the page, ISO 8601
 * @param {number} receivedAt the browser's clock when it read the page
 * @returns {number} milliseconds; 0 when the two agree within two seconds, the time a page takes to come
 */
export function clockOffset(serverTime, receivedAt) {
  const offset = Date.parse(serverTime) - receivedAt;
  return Number.isFinite(offset) && Math.abs(offset) > 2000 ? offset : 0;
}

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number} value
 * @param {'minute' | 'hour' | 'day'} unit
 * @param {string} language
 */
function quantity(value, unit, language) {
  const key = `${language} ${unit}`;
  const format =
    formats.get(key) ?? new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  formats.set(key, format);
  return format.format(value);
}
