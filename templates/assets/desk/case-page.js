import { followHotlines } from './live-status.js';
import { refreshAges, say } from './page.js';

/**
 * Keeps a case's page true: when the case changes, what the server shows of it is fetched again and put in place,
 * but never in a form where something was typed: that one is left alone, and the agent told.
 */
export function livenCase() {
  const page = document.querySelector('[data-case]');
  if (!(page instanceof HTMLElement)) return;
  const { case: number = '', hotline = '' } = page.dataset;
  let version = Number(page.dataset.version);
  let fetching = false;
  /** Whether something happened while the page was being fetched: what comes may be from before. */
  let again = false;

  followHotlines(hotline === '' ? [] : [hotline], { html: false }, (_, message) => {
    if (message.type === 'event' && message.number === number && Number(message.version) > version) {
      void refresh();
    }
    // After a loss, or while the page was on its way, anything may have happened that no event will tell.
    if (message.type === 'snapshot') {
      const rows = /** @type {readonly { readonly number?: string, readonly version?: number }[]} */ (
        message.rows
      );
      const row = rows.find((each) => each.number === number);
      if (row?.version !== version) void refresh();
    }
  });

  async function refresh() {
    again = fetching;
    if (fetching) return;
    fetching = true;
    try {
      const answer = await fetch(`/desk/dossiers/${number}`, { headers: { accept: 'text/html' } });
      if (answer.status === 403) tell(say('caseMoved'));
      if (!answer.ok || answer.redirected) return;
      show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      // The banner of a lost connection says it; the next snapshot asks again.
    } finally {
      fetching = false;
      if (again) void refresh();
    }
  }

  /** @param {Document} fresh */
  function show(fresh) {
    const seen = fresh.querySelector('[data-case]');
    if (!(seen instanceof HTMLElement) || Number(seen.dataset.version) <= version) return;
    version = Number(seen.dataset.version);
    let untouched = false;
    for (const part of page?.querySelectorAll('[data-part]') ?? []) {
      if (!(part instanceof HTMLElement)) continue;
      const replacement = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (isInUse(part)) untouched = true;
      else if (replacement) part.replaceWith(document.adoptNode(replacement));
    }
    refreshAges(document);
    tell(`${say('caseChanged')} ${say(untouched ? 'caseUntouched' : 'caseRefreshed')}`);
  }

  refreshAges(document);
  setInterval(() => refreshAges(document), 15_000);
}

/** @param {string} sentence */
function tell(sentence) {
  const place = document.querySelector('[data-changes]');
  if (place) place.textContent = sentence;
}

/**
 * Whether somebody is busy there: the focus is inside, or a field no longer holds what the server put in it.
 * @param {HTMLElement} part
 */
function isInUse(part) {
  if (part.contains(document.activeElement)) return true;
  return [...part.querySelectorAll('input, textarea, select')].some((field) => {
    if (field instanceof HTMLSelectElement) {
      const initial = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return initial !== undefined && field.value !== initial.value;
    }
    if (field instanceof HTMLInputElement && field.type === 'checkbox')
      return field.checked !== field.defaultChecked;
    return (
      (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) &&
      field.value !== field.defaultValue
    );
  });
}
