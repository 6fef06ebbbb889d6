import { followHotlines } from './live-status.js';

/** Cases that change within a moment are looked at once. */
const together = 300;

/** How late a call is changes without anything happening. */
const anew = 60_000;

/**
 * Keeps the list of the day's calls true: when a case changes that is on it, or that is to be called, the list is fetched
 * again and put in place; whoever stands on a case stays on it.
 */
export function livenCallbacks() {
  const page = document.querySelector('[data-callbacks]');
  if (!(page instanceof HTMLElement)) return;
  const hotlines = (page.dataset.hotlines ?? '').split(' ').filter(Boolean);
  let planned = false;
  let fetching = false;
  const soon = () => {
    if (planned) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      if (fetching) soon();
      else void refresh();
    }, together);
  };

  followHotlines(hotlines, { html: false }, (_, { type, number, row }) => {
    // After a loss, or while the page was on its way, anything may have happened that no event will tell.
    if (type === 'snapshot' || (type === 'event' && concerns(number, row))) soon();
  });
  setInterval(soon, anew);

  /**
   * @param {unknown} number
   * @param {unknown} row
   */
  function concerns(number, row) {
    const called = typeof row === 'object' && row !== null && 'callbackAt' in row;
    return called || page?.querySelector(`[data-number="${CSS.escape(String(number))}"]`) != null;
  }

  /** One at a time: an answer from before never takes the place of a later one. */
  async function refresh() {
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) return;
      show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      // The banner of a lost connection says it; the next snapshot asks again.
    } finally {
      fetching = false;
    }
  }

  /** @param {Document} fresh */
  function show(fresh) {
    const stood = page?.contains(document.activeElement) ? document.activeElement : null;
    const link = stood instanceof HTMLAnchorElement ? stood.getAttribute('href') : null;
    for (const part of page?.querySelectorAll('[data-part]') ?? []) {
      if (!(part instanceof HTMLElement)) continue;
      const replacement = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (replacement && replacement.outerHTML !== part.outerHTML)
        part.replaceWith(document.adoptNode(replacement));
    }
    if (!stood || stood.isConnected) return;
    const again = link === null ? null : page?.querySelector(`a[href="${CSS.escape(link)}"]`);
    const place = again ?? page?.querySelector('h2');
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  }
}
