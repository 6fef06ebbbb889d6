import { retryDelay } from './reconnect.js';

/**
 * One hotline's live queue over a WebSocket, kept open: after a loss it comes back by itself and resumes after the last
 * message it got, so that nothing is missed and nothing comes twice.
 */

/**
 * `on`: what is shown is the truth. `lost`: it may be old, and is being tried again. `signed-out`: the session has
 * ended, nothing is tried any more.
 * @typedef {'connecting' | 'on' | 'lost' | 'signed-out'} Status
 */

/**
 * What is used of a WebSocket.
 * @typedef {Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>} Socket
 */

/** The server says something at least this often (its pings included); silence for longer is a dead line. */
const longestSilence = 40_000;

/**
 * @typedef {object} Options
 * @property {() => Socket} open
 * @property {(message: Record<string, unknown>) => void} onMessage every message but pings, in order
 * @property {(status: Status, failures: number) => void} onStatus
 * @property {() => Promise<boolean>} isSignedIn asked when a connection is refused
 * @property {(act: () => void, delay: number) => () => void} later runs `act` after some milliseconds; gives what cancels it
 * @property {() => number} random
 */

/**
 * Opens the connection and keeps it.
 * @param {Options} options
 */
export function liveConnection({ open, onMessage, onStatus, isSignedIn, later, random }) {
  /** @type {number | undefined} */
  let after;
  let failures = 0;
  /** Whether a snapshot was asked for and has not come. */
  let asking = false;
  let stopped = false;
  /** @type {Socket | undefined} */
  let socket;
  let cancelRetry = () => {};
  let cancelSilence = () => {};

  function connect() {
    cancelRetry();
    const opened = open();
    socket = opened;
    asking = true;
    listenForSilence(opened);
    opened.onopen = () =>
      opened.send(JSON.stringify({ type: 'resume', ...(after !== undefined && { after }) }));
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return;
      listenForSilence(opened);
      receive(opened, JSON.parse(String(data)));
    };
    opened.onclose = () => {
      if (opened === socket) void lose();
    };
  }

  /**
   * @param {Socket} from
   * @param {Record<string, unknown>} message
   */
  function receive(from, message) {
    const { type, seq } = message;
    if (type === 'event' && typeof seq === 'number' && after !== undefined) {
      if (seq <= after) return;
      if (seq > after + 1) {
        // A number is missing: what is shown cannot be trusted, all of it is asked again.
        after = undefined;
        from.close();
        return;
      }
    }
    if ((type === 'event' || type === 'snapshot') && typeof seq === 'number') after = seq;
    if (type === 'snapshot') asking = false;
    if (failures > 0 || type === 'snapshot') onStatus('on', 0);
    failures = 0;
    if (type !== 'ping') onMessage(message);
  }

  async function lose() {
    socket = undefined;
    cancelSilence();
    if (stopped) return;
    failures += 1;
    onStatus('lost', failures);
    cancelRetry = later(connect, retryDelay(failures, random));
    if (!(await isSignedIn()) && !stopped) {
      stop();
      onStatus('signed-out', failures);
    }
  }

  /** @param {Socket} opened */
  function listenForSilence(opened) {
    cancelSilence();
    cancelSilence = later(() => {
      opened.close();
      // A dead line may take minutes to close by itself.
      if (opened === socket) void lose();
    }, longestSilence);
  }

  function stop() {
    stopped = true;
    cancelRetry();
    cancelSilence();
    socket?.close();
    socket = undefined;
  }

  onStatus('connecting', 0);
  connect();

  return {
    /** Asks for everything again, on the same connection. */
    refresh() {
      if (asking) return;
      asking = true;
      socket?.send(JSON.stringify({ type: 'resume' }));
    },
    /** Tries now rather than later: the network is back, the page is looked at again. */
    hurry() {
      if (!stopped && !socket) connect();
    },
    stop,
  };
}
