import { followHotlines } from './live-status.js';
import { sayCount } from './page.js';

/**
 * Puts in place what the live queue says of incidents: the band above the queue, as the server made it.
 * @param {Readonly<Record<string, unknown>>} message
 */
export function showIncidents({ html }) {
  const band = document.querySelector('[data-incidents]');
  if (!band || typeof html !== 'string') return;
  const fresh = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-incidents]');
  if (fresh && !band.contains(document.activeElement)) band.replaceWith(document.adoptNode(fresh));
}

/** Keeps the counts of the incidents' pages growing. */
export function livenIncidents() {
  const page = document.querySelector('[data-incidents-page]');
  if (!(page instanceof HTMLElement) || !page.dataset.hotline) return;
  followHotlines([page.dataset.hotline], { html: false }, (_, { type, incidents }) => {
    if (type !== 'incidents' || !Array.isArray(incidents)) return;
    for (const { id, cases, subscribers } of incidents) {
      for (const place of page.querySelectorAll(`[data-incident="${Number(id)}"]`)) {
        put(place, '[data-incident-cases]', sayCount('linkedCases', Number(cases)));
        put(place, '[data-incident-subscribers]', sayCount('subscribers', Number(subscribers)));
      }
    }
  });
}

/**
 * @param {Element} place
 * @param {string} selector
 * @param {string} text
 */
function put(place, selector, text) {
  const element = place.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
