import { liveConnection } from './live-connection.js';
import { announce, language, say } from './page.js';
import { failuresBeforeReload } from './reconnect.js';

/** @typedef {import('./live-connection.js').Status} Status */

/**
 * Opens the live queue of each hotline, and shows on the page whether what is seen is the truth.
 * @param {readonly string[]} hotlines
 * @param {{ readonly html: boolean }} options whether rows are wanted as this page shows them
 * @param {(hotline: string, message: Record<string, unknown>, refresh: () => void) => void} onMessage `refresh` asks
 *   for the whole queue again
 */
export function followHotlines(hotlines, { html }, onMessage) {
  /** @type {Map<string, { status: Status, failures: number }>} */
  const statuses = new Map(hotlines.map((hotline) => [hotline, { status: 'connecting', failures: 0 }]));
  const show = statusView();

  const connections = hotlines.map((hotline) => {
    const connection = liveConnection({
      open: () => {
        const url = new URL('/api/live', location.href);
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
        url.searchParams.set('hotline', hotline);
        url.searchParams.set('lang', language);
        if (html) url.searchParams.set('html', '1');
        return new WebSocket(url);
      },
      onMessage: (message) => onMessage(hotline, message, () => connection.refresh()),
      onStatus: (status, failures) => {
        statuses.set(hotline, { status, failures });
        show([...statuses.values()]);
      },
      isSignedIn,
      later: (act, delay) => {
        const timer = setTimeout(act, delay);
        return () => clearTimeout(timer);
      },
      random: Math.random,
    });
    return connection;
  });

  const hurry = () => {
    if (document.visibilityState === 'visible') for (const connection of connections) connection.hurry();
  };
  addEventListener('online', hurry);
  addEventListener('pageshow', hurry);
  document.addEventListener('visibilitychange', hurry);
}

/** Whether the session still holds; a network that fails says nothing about it. */
async function isSignedIn() {
  try {
    const answer = await fetch('/api/agents/me', { headers: { accept: 'application/json' } });
    return answer.status !== 401;
  } catch {
    return true;
  }
}

/** A small light beside the list, and a banner that cannot be missed once what is shown may be old. */
function statusView() {
  const light = document.querySelector('[data-live]');
  const words = light?.querySelector('[data-live-text]');
  const banner = document.querySelector('[data-banner]');
  /** @type {string | undefined} */
  let lostSince;
  let shown = '';

  /** @param {readonly { readonly status: Status, readonly failures: number }[]} statuses */
  return (statuses) => {
    const worst = /** @type {const} */ (['signed-out', 'lost', 'connecting', 'on']).find((status) =>
      statuses.some((each) => each.status === status),
    );
    const failures = Math.max(0, ...statuses.map((each) => each.failures));
    if (
      light instanceof HTMLElement &&
      words &&
      (worst === 'on' || worst === 'connecting' || worst === 'lost')
    ) {
      light.hidden = false;
      light.classList.toggle('is-on', worst === 'on');
      light.classList.toggle('is-lost', worst === 'lost');
      words.textContent = say(worst === 'lost' ? 'lostShort' : worst);
    }
    lostSince = worst === 'lost' ? (lostSince ?? timeOfDay()) : undefined;
    const state = `${worst} ${failures >= failuresBeforeReload}`;
    if (state === shown || !banner) return;
    const wasLost = shown.startsWith('lost');
    shown = state;
    if (worst === 'signed-out') tell(banner, say('signedOut'), signInPath(), say('signIn'));
    else if (worst !== 'lost') banner.replaceChildren();
    else if (failures < failuresBeforeReload) tell(banner, say('lost'));
    else tell(banner, say('lostLong', { time: lostSince ?? '' }), location.href, say('reload'));
    if (worst === 'on' && wasLost) announce(say('on'));
  };
}

/**
 * @param {Element} banner
 * @param {string} sentence
 * @param {string} [href]
 * @param {string} [action]
 */
function tell(banner, sentence, href, action) {
  const words = document.createElement('span');
  words.textContent = sentence;
  banner.replaceChildren(words);
  if (href === undefined || action === undefined) return;
  const link = document.createElement('a');
  link.href = href;
  link.textContent = action;
  banner.append(link);
}

/** The sign-in page, which says why one is there and leads back here. */
function signInPath() {
  return `/desk/connexion?fin&next=${encodeURIComponent(location.pathname + location.search)}`;
}

function timeOfDay() {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date());
}
