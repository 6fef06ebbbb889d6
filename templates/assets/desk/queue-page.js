import { showIncidents } from './incidents.js';
import { followHotlines } from './live-status.js';
import { announce, refreshAges, say, sayCount } from './page.js';
import { focusAgain, itemOf, rowFrom, sectionOf } from './queue-rows.js';
import { queueState, sections } from './queue-state.js';
import { teamView } from './team.js';

/** @typedef {import('./queue-state.js').Item} Item */

/** Keeps the queue's page true: rows arrive, change and leave as the server tells, and nobody's focus moves. */
export function livenQueue() {
  const page = document.querySelector('[data-queue]');
  if (!(page instanceof HTMLElement)) return;
  const me = page.dataset.agent ?? '';
  const hotlines = (page.dataset.hotlines ?? '').split(' ').filter(Boolean);
  const list = queueState(me);
  const showCounts = countsView(page, hotlines, list);
  const showTeam = teamView(page, me);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();

  for (const row of page.querySelectorAll('.case-row')) {
    if (!(row instanceof HTMLElement)) continue;
    list.put(itemOf(row));
    rows.set(row.dataset.number ?? '', row);
  }

  /** @param {HTMLElement} row */
  function put(row) {
    const item = itemOf(row);
    const before = list.find(item.number);
    const outcome = list.put(item);
    if (outcome === 'removed') drop(item.number);
    if (outcome !== 'put') return;
    if (item.assignee === me) {
      row.classList.add('is-mine');
      const name = row.querySelector('[data-assignee-name]');
      if (name) name.textContent = say('mine');
    }
    refreshAges(row);
    if (!before) row.classList.add('is-new');
    place(row, item);
    tell(before, item, row);
  }

  /**
   * @param {HTMLElement} row
   * @param {Item} item
   */
  function place(row, item) {
    const old = rows.get(item.number);
    const was = old?.contains(document.activeElement) ? document.activeElement : null;
    rows.set(item.number, row);
    old?.remove();
    const inSection = list.list(item.state);
    const next = inSection[inSection.findIndex(({ number }) => number === item.number) + 1];
    sectionOf(item)?.insertBefore(row, (next && rows.get(next.number)) ?? null);
    // The row is another element now: whoever was on it stays on it.
    if (was) focusAgain(row, was);
  }

  /** @param {string} number */
  function drop(number) {
    const row = rows.get(number);
    rows.delete(number);
    if (row?.contains(document.activeElement)) {
      // Not on the next case, that a key pressed in this instant would claim: on the title above.
      row.closest('section')?.querySelector('h2')?.focus({ preventScroll: true });
      announce(say('left', { number }));
    }
    row?.remove();
  }

  /** Cases that arrived within a moment are told in one sentence. @type {string[]} */
  let arrived = [];

  /**
   * @param {Item | undefined} before
   * @param {Item} item
   * @param {HTMLElement} row
   */
  function tell(before, { number, state, returnedAt, assignee }, row) {
    const back = returnedAt !== null && (before?.returnedAt ?? null) === null;
    if (state === 'waiting' && back) announce(say('returned', { number }));
    else if (state === 'waiting' && !before) {
      if (arrived.length === 0) setTimeout(tellArrivals, 500);
      arrived.push(number);
    } else if (before && assignee !== '' && assignee !== before.assignee && assignee !== me) {
      announce(say('claimed', { number, name: textOf(row, '[data-assignee-name]') }));
    }
  }

  function tellArrivals() {
    const [number = ''] = arrived;
    const row = rows.get(number);
    if (arrived.length > 1) announce(sayCount('arrivedMany', arrived.length));
    else if (row) announce(say('arrived', { number, name: textOf(row, '.practitioner-name') }));
    arrived = [];
  }

  followHotlines(hotlines, { html: true }, (hotline, message, refresh) => {
    const { type, rows: all, html, number, version, counts, truncated, agents } = message;
    if (type === 'snapshot' && Array.isArray(all)) {
      const given = all.flatMap((each) => rowFrom(each?.html) ?? []);
      for (const gone of list.replace(hotline, given.map(itemOf), truncated === true)) drop(gone);
      for (const row of given) put(row);
    }
    if (type === 'event' && typeof number === 'string' && typeof version === 'number') {
      const row = rowFrom(html);
      if (row) put(row);
      else if (list.remove(hotline, number, version)) drop(number);
    }
    if (type === 'presence') showTeam(hotline, agents);
    if (type === 'incidents') showIncidents(message);
    showCounts(hotline, counts);
    if (type === 'event' && list.runsShort(hotline)) refresh();
  });

  refreshAges(page);
  setInterval(() => refreshAges(page), 15_000);
}

/**
 * Shows the server's own counts, once every hotline of the page has told its own: in the bar, beside the titles, in
 * the name of the tab, and how many cases are further down than the rows shown.
 * @param {HTMLElement} page
 * @param {readonly string[]} hotlines
 * @param {ReturnType<typeof queueState>} list
 * @returns {(hotline: string, counts: unknown) => void}
 */
function countsView(page, hotlines, list) {
  /** @type {Map<string, Readonly<Record<string, unknown>>>} */
  const told = new Map();
  const title = document.title;
  return (hotline, counts) => {
    if (typeof counts !== 'object' || counts === null) return;
    told.set(hotline, { ...counts });
    if (told.size < hotlines.length) return;
    for (const place of page.querySelectorAll('[data-count="callbacks"]')) {
      place.textContent = String(
        [...told.values()].reduce((sum, each) => sum + Number(each.callbacks ?? 0), 0),
      );
    }
    for (const section of sections) {
      const count = [...told.values()].reduce((sum, each) => sum + Number(each[section] ?? 0), 0);
      for (const place of page.querySelectorAll(`[data-count="${section}"]`))
        place.textContent = String(count);
      const beyond = count - list.list(section).length;
      const more = page.querySelector(`[data-more="${section}"]`);
      if (more instanceof HTMLElement) {
        more.hidden = beyond <= 0;
        more.textContent = beyond > 0 ? sayCount('more', beyond) : '';
      }
      if (section === 'waiting') document.title = count > 0 ? `(${count}) ${title}` : title;
    }
  };
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 */
function textOf(row, selector) {
  return row.querySelector(selector)?.textContent ?? '';
}
