import { closing, type PingMessage } from './messages.ts';
import type { Form, Worded } from './wording.ts';

/** What the hub uses of a WebSocket. */
export interface LiveSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Who watches what. */
export interface Watcher {
  readonly hotline: string;
  readonly sessionId: string;
  readonly form: Form;
  readonly socket: LiveSocket;
}

/** What a client may leave unread before it is closed: it resumes when it can, and nothing piles up here. */
export const maxUnreadBytes = 1024 * 1024;

const ping = JSON.stringify({ type: 'ping' } satisfies PingMessage);

/**
 * One client's place. Until its snapshot is out, news for it are kept; then they go out as they come, so that between
 * the snapshot and what follows nothing is missed.
 */
export class Seat {
  readonly watcher: Watcher;
  readonly #onLeave: () => void;
  /** News that came since the snapshot was begun; undefined while a client follows, or has not asked yet. */
  #kept: Worded[] | undefined;
  #follows = false;
  #gone = false;
  #answered = true;

  constructor(watcher: Watcher, onLeave: () => void) {
    this.watcher = watcher;
    this.#onLeave = onLeave;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** From now on, news are kept for after the snapshot. */
  hold(): void {
    this.#kept = [];
    this.#follows = false;
  }

  /** Says the snapshot and what goes with it, then what was kept; from now on, news go out as they come. */
  follow(beginning: readonly Worded[]): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.#follows = true;
    for (const worded of [...beginning, ...kept]) this.#say(worded);
  }

  /** Something that everybody who watches the hotline hears. */
  tell(worded: Worded): void {
    if (this.#follows) this.#say(worded);
    else this.#kept?.push(worded);
  }

  /** The client is there: it answered a ping. */
  answered(): void {
    this.#answered = true;
  }

  /** Asks whether the client is there; one that did not answer the last time is not. */
  check(): void {
    if (this.#gone) return;
    if (!this.#answered) {
      this.leave();
      this.watcher.socket.terminate();
      return;
    }
    this.#answered = false;
    this.watcher.socket.ping();
    if (this.#follows) this.#say(() => ping);
  }

  close(code: number, reason: string): void {
    if (this.#gone) return;
    this.leave();
    this.watcher.socket.close(code, reason);
  }

  /** The client is gone, or about to be: nothing more is said to it. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#kept = undefined;
    this.#follows = false;
    this.#onLeave();
  }

  #say(worded: Worded): void {
    if (this.#gone) return;
    const { socket, form } = this.watcher;
    if (socket.bufferedAmount > maxUnreadBytes) this.close(closing.tooSlow, 'too slow');
    else socket.send(worded(form));
  }
}
