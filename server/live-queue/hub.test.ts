import { eq, isNull } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closeSession, openSession } from '#server/agents/agent-sessions.ts';
import { agentHotlines, agentSessions } from '#server/agents/agents.table.ts';
import { caseEvents, cases } from '#server/cases/cases.table.ts';
import { type QueueCounts, queueCounts } from '#server/cases/queue-counts.ts';
import type { Dependencies } from '#server/dependencies.ts';
import { aCase, anAgent, type TestAgent } from '#server/testing/builders.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { heartbeatMs, type LiveHub, liveHub, type Place, pollMs } from './hub.ts';
import { type LiveSocket, maxUnreadBytes } from './seat.ts';
import type { Timers } from './timers.ts';

const database = testDatabase();

/** Timers that run when a test says so. */
function manualTimers(): Timers & {
  readonly fire: (milliseconds: number) => void;
  readonly count: () => number;
} {
  const tasks = new Set<{ readonly milliseconds: number; readonly task: () => void }>();
  const add = (milliseconds: number, task: () => void) => {
    const entry = { milliseconds, task };
    tasks.add(entry);
    return () => tasks.delete(entry);
  };
  return {
    every: add,
    after: add,
    fire: (milliseconds) => {
      for (const entry of tasks) if (entry.milliseconds === milliseconds) entry.task();
    },
    count: () => tasks.size,
  };
}

/** A socket that keeps what it is given. */
class TestSocket implements LiveSocket {
  bufferedAmount = 0;
  pings = 0;
  terminated = false;
  readonly sent: { type: string; seq?: number; number?: string }[] = [];
  readonly ended: Promise<{ code: number; reason: string }>;
  #wake = () => {};
  #end: (how: { code: number; reason: string }) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
    this.#wake();
  }
  ping(): void {
    this.pings += 1;
  }
  close(code: number, reason: string): void {
    this.#end({ code, reason });
  }
  terminate(): void {
    this.terminated = true;
    this.#end({ code: 1006, reason: 'terminated' });
  }
  /** Waits until something of that type was sent that holds. */
  async heard(type: string, holds: (message: TestSocket['sent'][number]) => boolean = () => true) {
    for (;;) {
      const found = this.sent.find((message) => message.type === type && holds(message));
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

let deps: Dependencies;
let timers: ReturnType<typeof manualTimers>;
let counts: QueueCounts;
let hub: LiveHub;
let agent: TestAgent;
let sessionId: string;
const clock = testClock();

beforeEach(async () => {
  await database.db.delete(caseEvents);
  await database.db.delete(cases);
  deps = testDependencies(database, clock);
  timers = manualTimers();
  counts = queueCounts(deps);
  hub = liveHub(deps, counts, timers);
  hub.start();
  agent = await anAgent(database.db);
  await openSession(database.db, agent.id, clock.now());
  const [session] = await database.db.select().from(agentSessions).where(eq(agentSessions.agentId, agent.id));
  sessionId = session?.id ?? '';
});

afterEach(async () => {
  await hub.stop();
  counts.close();
});

async function watch(hotline = 'etablissements'): Promise<{ socket: TestSocket; place: Place }> {
  const socket = new TestSocket();
  const place = hub.watch({ hotline, sessionId, form: { language: 'fr', html: false }, socket });
  place.resume(undefined);
  await socket.heard('snapshot');
  return { socket, place };
}

const unnumbered = () => database.db.$count(caseEvents, isNull(caseEvents.seq));

describe('the poll', () => {
  test('makes up for a ring that was lost', async () => {
    const { socket } = await watch();
    const { number } = await aCase(database.db);
    timers.fire(pollMs);
    expect(await socket.heard('event')).toMatchObject({ number, counts: { waiting: 1 } });
  });

  test('makes up for what could not be read', async () => {
    const { socket } = await watch();
    const failure = vi.spyOn(deps.db, 'execute').mockRejectedValueOnce(new Error('the database is gone'));
    const logged = vi.spyOn(deps.log, 'error');
    const { number } = await aCase(database.db);
    deps.doorbell.ring();
    await vi.waitFor(() => expect(logged).toHaveBeenCalledOnce(), eventually);
    failure.mockRestore();
    timers.fire(pollMs);
    expect(await socket.heard('event')).toMatchObject({ number });
  });

  test('alone numbers the log while nobody watches', async () => {
    await aCase(database.db);
    deps.doorbell.ring();
    await hub.stop();
    expect(await unnumbered()).toBe(1);
    hub.start();
    timers.fire(pollMs);
    await hub.stop();
    expect(await unnumbered()).toBe(0);
  });
});

describe('a database that is gone while somebody resumes', () => {
  test('closes their connection, and nothing else', async () => {
    const { socket } = await watch();
    await aCase(database.db);
    deps.doorbell.ring();
    await socket.heard('event');
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    // The snapshot fails at once, the missed events later: what nobody handles meanwhile ends the process.
    const counted = vi.spyOn(counts, 'of').mockRejectedValue(new Error('the database is gone'));
    const query = vi.spyOn(database.connection.pool, 'query').mockImplementation(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('the database is gone');
    });
    try {
      const late = new TestSocket();
      const form = { language: 'fr', html: false } as const;
      hub.watch({ hotline: 'etablissements', sessionId, form, socket: late }).resume(0);
      expect(await late.ended).toMatchObject({ reason: 'failed' });
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
      counted.mockRestore();
      query.mockRestore();
    }
  });
});

describe('rings', () => {
  test('heard while one is being answered are answered together, and none is lost', async () => {
    const { socket } = await watch();
    const opened: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      opened.push((await aCase(database.db)).number);
      for (let ring = 0; ring < 10; ring += 1) deps.doorbell.ring();
    }
    const last = opened.at(-1);
    await socket.heard('event', (event) => event.number === last);
    const events = socket.sent.filter(({ type }) => type === 'event');
    expect(events.map(({ number }) => number)).toEqual(opened);
    expect(await unnumbered()).toBe(0);
  });
});

describe('a client that reads too slowly', () => {
  test('is closed, and the others are told', async () => {
    const [slow, quick] = [await watch(), await watch()];
    slow.socket.bufferedAmount = maxUnreadBytes + 1;
    const { number } = await aCase(database.db);
    deps.doorbell.ring();
    expect(await slow.socket.ended).toEqual({ code: 1013, reason: 'too slow' });
    expect(await quick.socket.heard('event')).toMatchObject({ number });
    slow.socket.bufferedAmount = 0;
    const another = await aCase(database.db);
    deps.doorbell.ring();
    await quick.socket.heard('event', (event) => event.number === another.number);
    expect(slow.socket.sent.filter(({ type }) => type === 'event')).toEqual([]);
  });

  test('is not closed for what it can still read', async () => {
    const { socket } = await watch();
    socket.bufferedAmount = maxUnreadBytes;
    await aCase(database.db);
    deps.doorbell.ring();
    await socket.heard('event');
  });
});

describe('the heartbeat', () => {
  test('tells who is there, and ends who does not answer', async () => {
    const [dead, alive] = [await watch(), await watch()];
    timers.fire(heartbeatMs);
    expect([dead.socket.pings, alive.socket.pings]).toEqual([1, 1]);
    expect(await alive.socket.heard('ping')).toEqual({ type: 'ping' });
    alive.place.answered();
    timers.fire(heartbeatMs);
    expect([dead.socket.terminated, alive.socket.terminated]).toEqual([true, false]);
    expect([dead.socket.pings, alive.socket.pings]).toEqual([1, 2]);
  });

  test('says nothing before the snapshot', async () => {
    const socket = new TestSocket();
    hub.watch({ hotline: 'etablissements', sessionId, form: { language: 'fr', html: false }, socket });
    timers.fire(heartbeatMs);
    expect([socket.pings, socket.sent]).toEqual([1, []]);
  });

  test('closes who signed out', async () => {
    const { socket } = await watch();
    await closeSession(database.db, { id: agent.id, sessionId }, clock.now());
    timers.fire(heartbeatMs);
    expect(await socket.ended).toEqual({ code: 1008, reason: 'session ended' });
  });

  test('closes whose session expired, whom watching alone does not keep signed in', async () => {
    const { socket } = await watch();
    clock.advance(3_600_000);
    timers.fire(heartbeatMs);
    expect((await socket.ended).code).toBe(1008);
  });

  test('closes who does not answer the hotline any more, and nobody else', async () => {
    const [here, there] = [await watch(), await watch('liberaux')];
    timers.fire(heartbeatMs);
    expect((await there.socket.ended).code).toBe(1008);
    await database.db.delete(agentHotlines).where(eq(agentHotlines.agentId, agent.id));
    here.place.answered();
    timers.fire(heartbeatMs);
    expect((await here.socket.ended).code).toBe(1008);
  });
});

describe('stopping', () => {
  test('says goodbye to everybody, and leaves nothing running', async () => {
    const { socket } = await watch();
    await hub.stop();
    expect(await socket.ended).toEqual({ code: 1001, reason: 'stopping' });
    expect(timers.count()).toBe(0);
    await aCase(database.db);
    deps.doorbell.ring();
    expect(socket.sent.filter(({ type }) => type === 'event')).toEqual([]);
    expect(await unnumbered()).toBe(1);
  });
});

describe('a snapshot', () => {
  test('is read once for all who come before anything happens', async () => {
    await watch();
    const reads = vi.spyOn(counts, 'of');
    await Promise.all(Array.from({ length: 20 }, () => watch()));
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
  });

  test('that cannot be read ends the connection, and the next one works', async () => {
    const failure = vi.spyOn(counts, 'of').mockRejectedValueOnce(new Error('the database is gone'));
    const socket = new TestSocket();
    const place = hub.watch({
      hotline: 'etablissements',
      sessionId,
      form: { language: 'fr', html: false },
      socket,
    });
    place.resume(undefined);
    expect(await socket.ended).toEqual({ code: 1011, reason: 'failed' });
    failure.mockRestore();
    await watch();
  });
});
