/** When to try again after the live connection was lost: soon at first, then less and less often. */

const firstDelay = 500;
const longestDelay = 15_000;

/** After this many failures in a row, the page also offers to be reloaded. */
export const failuresBeforeReload = 4;

/**
 * How long to wait before the next try. Each delay is drawn between half and the whole of its ceiling, so that a
 * restarted server does not meet all its clients in the same instant.
 * @param {number} failures how many tries failed in a row, 1 or more
 * @param {() => number} random gives a number from 0 to 1
 * @returns {number} milliseconds
 */
export function retryDelay(failures, random) {
  const ceiling = Math.min(longestDelay, firstDelay * 2 ** (Math.max(1, failures) - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
