import { sessionsStillOpen } from '../agents/agent-sessions.ts';
import { listPresences } from '../agents/presence.ts';
import { findRows, type StoredRow } from '../cases/case-row.ts';
import { listCases } from '../cases/list-cases.ts';
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { Dependencies } from '../dependencies.ts';
import { incidentsWatch } from './incidents-watch.ts';
import { type LogEntry, numberEvents, readHead, readLog } from './log.ts';
import { closing, type PresenceMessage } from './messages.ts';
import { Seat, type Watcher } from './seat.ts';
import { systemTimers, type Timers } from './timers.ts';
import { eventWording, snapshotWording, type Worded } from './wording.ts';

/** A lost ring is made up for within this long. */
export const pollMs = 3_000;
/** How often clients are asked whether they are there, and whether they still may be. */
export const heartbeatMs = 25_000;
/** Waiting cases in a snapshot: nobody reads further down a queue. */
export const maxWaitingRows = 200;
/** Cases in hand in a snapshot; more than all agents' places together. */
const maxOwnedRows = 2_000;
/** Events repeated to a client that resumes; one further behind starts over. */
export const maxRepeated = 500;
/** Events read at once; what is beyond is read in the next turn. */
const readAtOnce = 500;

/** What a client's connection does with its place. */
export interface Place {
  /** The client asks for everything, or for what came after `after`. */
  resume(after: number | undefined): void;
  /** The client answered a ping. */
  answered(): void;
  close(code: number, reason: string): void;
  leave(): void;
}

/** Brings what happens to cases to those who watch. There is one in each server process. */
export interface LiveHub {
  start(): void;
  /** Closes every connection, and returns once nothing runs any more. */
  stop(): Promise<void>;
  watch(watcher: Watcher): Place;
}

/** A hotline that somebody watches. */
interface Line {
  readonly hotline: string;
  readonly seats: Set<Seat>;
  /** The last event told to its seats; undefined until it is known where the log stands. */
  seq: number | undefined;
  opening: Promise<void> | undefined;
  /** The queue as it was when the log stood at `seq`: whoever comes before the next event gets the same. */
  snapshot: { readonly seq: number; readonly say: ReturnType<typeof readSnapshot> } | undefined;
  /** The last presence message. */
  presence: string | undefined;
}

type HubDependencies = Pick<
  Dependencies,
  'db' | 'clock' | 'views' | 'doorbell' | 'log' | 'incidents' | 'texts'
>;

export function liveHub(deps: HubDependencies, counts: QueueCounts, timers: Timers = systemTimers): LiveHub {
  const { db, clock, doorbell, views, log } = deps;
  const lines = new Map<string, Line>();
  const incidents = incidentsWatch(deps);
  const running = new Set<Promise<void>>();
  const stops: (() => void)[] = [];
  let turn: Promise<void> | undefined;
  let rung = false;

  /** Reads what is new, once for any number of rings heard meanwhile. */
  function refresh(): Promise<void> {
    rung = true;
    turn ??= takeTurns();
    return turn;
  }

  async function takeTurns(): Promise<void> {
    while (rung) {
      rung = false;
      try {
        await numberEvents(db);
        const [more] = await Promise.all([
          Promise.all([...lines.values()].map(tellNews)),
          tellPresence(),
          tellIncidents(),
        ]);
        if (more.includes(true)) rung = true;
      } catch (error) {
        // Nothing was skipped: what could not be read now is read at the next ring, or by the poll.
        log.error({ err: error }, 'the live queue could not be read');
      }
    }
    // In the same breath as the last look at `rung`: a ring that comes later begins a turn of its own.
    turn = undefined;
  }

  /** Tells a line's seats what happened since its last event; whether there is more. */
  async function tellNews(line: Line): Promise<boolean> {
    if (line.seq === undefined) return false;
    const entries = await readLog(db, line.hotline, line.seq, readAtOnce);
    if (entries.length === 0) return false;
    counts.forget();
    for (const worded of await word(line.hotline, entries)) {
      for (const seat of line.seats) seat.tell(worded);
    }
    line.seq = entries.at(-1)?.seq;
    return entries.length === readAtOnce;
  }

  /** The events with their cases as they are now: read after the log, so never older than it. */
  async function word(hotline: string, entries: readonly LogEntry[]): Promise<readonly Worded[]> {
    const ids = [...new Set(entries.map(({ caseId }) => caseId))];
    const [rows, figures] = await Promise.all([findRows(db, ids), counts.of([hotline])]);
    const byId = new Map<number, StoredRow>(rows.map((row) => [row.id, row]));
    return entries.map((entry) => eventWording(views, hotline, entry, byId.get(entry.caseId), figures));
  }

  async function tellPresence(): Promise<void> {
    if (lines.size === 0) return;
    const everybody = await listPresences(db);
    for (const line of lines.values()) {
      const agents = everybody.filter(({ hotlineId }) => hotlineId === line.hotline);
      const message: PresenceMessage = {
        type: 'presence',
        agents: agents.map(({ id, name, presence }) => ({ id, name, presence })),
      };
      const text = JSON.stringify(message);
      if (text === line.presence) continue;
      line.presence = text;
      for (const seat of line.seats) seat.tell(() => text);
    }
  }

  /** What goes on is the same on every line. */
  async function tellIncidents(): Promise<void> {
    if (lines.size === 0) return;
    const news = await incidents.look();
    if (!news) return;
    for (const line of lines.values()) for (const seat of line.seats) seat.tell(news);
  }

  function lineOf(hotline: string): Line {
    const known = lines.get(hotline);
    if (known) return known;
    const line: Line = {
      hotline,
      seats: new Set(),
      seq: undefined,
      opening: undefined,
      snapshot: undefined,
      presence: undefined,
    };
    lines.set(hotline, line);
    return line;
  }

  /** Finds out where the log of a line stands that nobody here watched before. */
  async function open(line: Line): Promise<void> {
    await numberEvents(db);
    line.seq = await readHead(db, line.hotline);
    await tellPresence();
    await tellIncidents();
  }

  async function begin(seat: Seat, line: Line, after: number | undefined): Promise<void> {
    if (line.seq === undefined) {
      line.opening ??= open(line).finally(() => {
        line.opening = undefined;
      });
      await line.opening;
    }
    // The client heard of more than this process did: its news are on their way.
    if (after !== undefined && after > (line.seq ?? 0)) await refresh();
    const { seq = 0 } = line;
    seat.hold();
    if (line.snapshot?.seq !== seq) {
      const say = readSnapshot(deps, counts, line.hotline);
      // Its failure is heard where it is awaited; until then it must not count as one that nobody handles.
      say.catch(() => {});
      line.snapshot = { seq, say };
    }
    const { snapshot } = line;
    const missed = after === undefined || after > seq ? undefined : await entriesBetween(line, after, seq);
    const [say, repeated] = await Promise.all([
      snapshot.say,
      missed && missed.length > 0 ? word(line.hotline, missed) : [],
    ]);
    const from = missed ? (after ?? seq) : seq;
    const { presence } = line;
    const goingOn = incidents.current();
    seat.follow([
      (form) => say(form, from),
      ...repeated,
      ...(presence === undefined ? [] : [() => presence]),
      ...(goingOn === undefined ? [] : [goingOn]),
    ]);
  }

  /** The events after `after` up to `seq`, all of them; undefined when they are too many, or not all there any more. */
  async function entriesBetween(
    line: Line,
    after: number,
    seq: number,
  ): Promise<readonly LogEntry[] | undefined> {
    const count = seq - after;
    if (count > maxRepeated) return undefined;
    const entries = count === 0 ? [] : await readLog(db, line.hotline, after, count);
    return entries.length === count ? entries : undefined;
  }

  /** Keeps `stop` waiting for it. */
  function run(task: Promise<void>): void {
    running.add(task);
    task.finally(() => running.delete(task));
  }

  function watch(watcher: Watcher): Place {
    const line = lineOf(watcher.hotline);
    const seat = new Seat(watcher, () => {
      line.seats.delete(seat);
      // Nobody watches: nothing has to be read for it. Whoever comes next finds out where the log stands.
      if (line.seats.size === 0 && lines.get(line.hotline) === line) lines.delete(line.hotline);
    });
    line.seats.add(seat);
    let asked = 0;
    let answering = Promise.resolve();
    return {
      resume(after) {
        // One is being answered, one may wait: a client that asks on and on is not one of ours.
        if (asked === 2) return seat.close(closing.refused, 'asked too often');
        asked += 1;
        answering = answering
          .then(() => (seat.gone ? undefined : begin(seat, line, after)))
          .catch((error: unknown) => {
            log.error({ err: error }, 'a snapshot of the live queue could not be read');
            line.snapshot = undefined;
            seat.close(closing.failed, 'failed');
          })
          .finally(() => {
            asked -= 1;
          });
        run(answering);
      },
      answered: () => seat.answered(),
      close: (code, reason) => seat.close(code, reason),
      leave: () => seat.leave(),
    };
  }

  const seats = () => [...lines.values()].flatMap((line) => [...line.seats]);

  /** Closes who may not watch any more: signed out, expired, or moved to other hotlines. */
  async function checkSessions(): Promise<void> {
    const watching = seats();
    if (watching.length === 0) return;
    const ids = [...new Set(watching.map(({ watcher }) => watcher.sessionId))];
    const open = await sessionsStillOpen(db, ids, clock.now());
    for (const seat of watching) {
      const { sessionId, hotline } = seat.watcher;
      if (!open.get(sessionId)?.hotlines.includes(hotline)) seat.close(closing.refused, 'session ended');
    }
  }

  return {
    watch,
    start() {
      stops.push(
        // While nobody watches, the poll alone numbers: in large batches, and off the path of what is being changed.
        doorbell.onRing(() => {
          if (lines.size > 0) run(refresh());
        }),
        timers.every(pollMs, () => run(refresh())),
        timers.every(heartbeatMs, () => {
          for (const seat of seats()) seat.check();
          const failed = (error: unknown) => log.error({ err: error }, 'sessions could not be checked');
          run(checkSessions().catch(failed));
        }),
      );
    },
    async stop() {
      for (const stop of stops.splice(0)) stop();
      for (const seat of seats()) seat.close(closing.goingAway, 'stopping');
      await Promise.all(running);
    },
  };
}

/** Reads a hotline's queue as it is now. */
async function readSnapshot({ db, views }: HubDependencies, counts: QueueCounts, hotline: string) {
  const list = { hotlines: [hotline] };
  const [waiting, inProgress, pending, figures] = await Promise.all([
    listCases(db, { ...list, state: 'waiting', limit: maxWaitingRows }),
    listCases(db, { ...list, state: 'in_progress', limit: maxOwnedRows }),
    listCases(db, { ...list, state: 'pending', limit: maxOwnedRows }),
    counts.of([hotline]),
  ]);
  return snapshotWording(views, {
    rows: [...waiting.rows, ...inProgress.rows, ...pending.rows],
    counts: figures,
    truncated: waiting.next !== undefined,
  });
}
