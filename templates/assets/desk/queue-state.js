/**
 * Which cases the queue shows, and in what order: the pure part of the live list. The page's own rows and the rows
 * that the server pushes are the same elements, of which this keeps what orders them.
 */

/**
 * What is kept of a row; instants are milliseconds of the epoch.
 * @typedef {object} Item
 * @property {string} number
 * @property {number} version grows with every change to the case
 * @property {string} hotline
 * @property {string} state
 * @property {number} rank place of its priority, 0 first
 * @property {number | null} returnedAt when the practitioner came back, still stuck
 * @property {number} waitingSince
 * @property {string} assignee the agent's id, or an empty string
 */

/** The sections of the queue: cases in any other state are not shown. */
export const sections = /** @type {const} */ (['waiting', 'in_progress', 'pending']);

/** Fewer waiting cases than this do not fill a screen. */
const fewRows = 25;

/** @param {string} state */
export const isShown = (state) => sections.some((section) => section === state);

/**
 * The order in which waiting cases are served, the same as the server's: those who came back first (the longest back
 * before), then by priority, then the oldest first.
 * @param {Item} a
 * @param {Item} b
 */
export function byTurn(a, b) {
  return (
    byReturn(a.returnedAt, b.returnedAt) ||
    a.rank - b.rank ||
    a.waitingSince - b.waitingSince ||
    byNumber(a.number, b.number)
  );
}

/**
 * Who came back goes first, and the longest back before the others.
 * @param {number | null} a
 * @param {number | null} b
 */
function byReturn(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}

/**
 * Mine before the others', then by turn: the order of cases that somebody follows.
 * @param {string} me
 * @returns {(a: Item, b: Item) => number}
 */
export function mineFirst(me) {
  return (a, b) => Number(b.assignee === me) - Number(a.assignee === me) || byTurn(a, b);
}

/**
 * Numbers are given in order: `VC-99` comes before `VC-100`.
 * @param {string} a
 * @param {string} b
 */
function byNumber(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * The list, and what the live queue says of it. Messages of two hotlines may come in any order; within one they come
 * in theirs. Every method gives what the page must do, and nothing when the news is older than what is shown.
 * @param {string} me the id of the agent who looks
 */
export function queueState(me) {
  /** @type {Map<string, Item>} */
  const shown = new Map();
  /** At which version a case left, so that older news from another hotline does not bring it back. @type {Map<string, number>} */
  const gone = new Map();

  /** The last waiting case that was told of a hotline whose queue is longer than what was told. @type {Map<string, Item>} */
  const horizons = new Map();

  /**
   * Whether a case waits further down than what is known of its queue: between the two there are cases that are not.
   * @param {Item} item
   */
  function isBeyond(item) {
    const horizon = horizons.get(item.hotline);
    return item.state === 'waiting' && horizon !== undefined && byTurn(item, horizon) > 0;
  }

  /** @param {Item} item */
  function isNews(item) {
    const known = shown.get(item.number);
    return item.version > (known?.version ?? 0) && item.version > (gone.get(item.number) ?? 0);
  }

  /**
   * @param {string} number
   * @param {number} version
   */
  function forget(number, version) {
    shown.delete(number);
    gone.set(number, Math.max(version, gone.get(number) ?? 0));
  }

  return {
    /**
     * A case as it is now.
     * @param {Item} item
     * @returns {'put' | 'removed' | 'ignored'} `removed` when it was shown and no longer is to be
     */
    put(item) {
      if (!isNews(item)) return 'ignored';
      if (isShown(item.state) && !isBeyond(item)) {
        gone.delete(item.number);
        shown.set(item.number, item);
        return 'put';
      }
      const wasShown = shown.has(item.number);
      // What is out of sight may come back into it as it is.
      forget(item.number, isShown(item.state) ? item.version - 1 : item.version);
      return wasShown ? 'removed' : 'ignored';
    },

    /**
     * A case left this hotline's queue at that version: it was resolved, or is another hotline's.
     * @param {string} hotline
     * @param {string} number
     * @param {number} version
     * @returns {boolean} whether a row must go
     */
    remove(hotline, number, version) {
      const known = shown.get(number);
      if (!known) {
        // A transfer is told twice under one version: leaving the one queue must not keep it out of the other.
        gone.set(number, Math.max(version - 1, gone.get(number) ?? 0));
        return false;
      }
      if (known.hotline !== hotline || known.version > version) return false;
      forget(number, version - 1);
      return true;
    },

    /**
     * All that a hotline's queue shows now is `items`, which are then to be `put`.
     * @param {string} hotline
     * @param {readonly Item[]} items
     * @param {boolean} truncated whether more cases wait than are among them
     * @returns {readonly string[]} the cases that are no longer among them, and must go
     */
    replace(hotline, items, truncated) {
      const last = items
        .filter((item) => item.state === 'waiting')
        .sort(byTurn)
        .at(-1);
      if (truncated && last) horizons.set(hotline, last);
      else horizons.delete(hotline);
      const kept = new Set(items.map((item) => item.number));
      const left = [...shown.values()].filter((item) => item.hotline === hotline && !kept.has(item.number));
      for (const { number } of left) shown.delete(number);
      return left.map(({ number }) => number);
    },

    /**
     * Whether so few waiting cases are left of a hotline, while more are known to wait, that all should be asked again.
     * @param {string} hotline
     */
    runsShort(hotline) {
      if (!horizons.has(hotline)) return false;
      const left = [...shown.values()].filter((item) => item.hotline === hotline && item.state === 'waiting');
      return left.length < fewRows;
    },

    /** @param {string} number */
    find: (number) => shown.get(number),

    /**
     * The cases of a section, in order.
     * @param {string} section
     * @returns {Item[]}
     */
    list(section) {
      const order = section === 'waiting' ? byTurn : mineFirst(me);
      return [...shown.values()].filter((item) => item.state === section).sort(order);
    },
  };
}
