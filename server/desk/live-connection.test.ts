import { beforeEach, expect, test } from 'vitest';
import { liveConnection, type Socket, type Status } from '../../templates/assets/desk/live-connection.js';
import { retryDelay } from '../../templates/assets/desk/reconnect.js';

/** A WebSocket that the test drives. */
class FakeSocket {
  readonly sent: unknown[] = [];
  closed = false;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
  }
}

/** What a handler is called with matters to it only for `data`. */
type Call = (event: never) => void;

let sockets: FakeSocket[];
let timers: { act: () => void; delay: number }[];
let messages: Record<string, unknown>[];
let statuses: Status[];
let signedIn: boolean;

beforeEach(() => {
  sockets = [];
  timers = [];
  messages = [];
  statuses = [];
  signedIn = true;
});

function connect() {
  return liveConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as Socket;
    },
    onMessage: (message) => messages.push(message),
    onStatus: (status) => statuses.push(status),
    isSignedIn: async () => signedIn,
    later: (act, delay) => {
      const timer = { act, delay };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    random: () => 1,
  });
}

function newest(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error('no socket was opened');
  return socket;
}

function opens() {
  (newest().onopen as Call | null)?.(undefined as never);
}

function says(message: Record<string, unknown>) {
  (newest().onmessage as Call | null)?.({ data: JSON.stringify(message) } as never);
}

async function drops() {
  (newest().onclose as Call | null)?.(undefined as never);
  // Whether the session still holds is asked in between.
  await Promise.resolve();
  await Promise.resolve();
}

function timeFor(delay: number) {
  const timer = timers.find((each) => each.delay === delay);
  if (!timer) throw new Error(`nothing is due in ${delay} ms`);
  timers = timers.filter((each) => each !== timer);
  timer.act();
}

const snapshot = (seq: number) => ({ type: 'snapshot', seq, rows: [], counts: {} });
const event = (seq: number) => ({ type: 'event', seq, number: 'VC-1', version: seq });

test('it asks for everything, says that it is on, and passes on what comes', () => {
  connect();
  opens();
  expect(newest().sent).toEqual([{ type: 'resume' }]);
  says(snapshot(7));
  says(event(8));
  says({ type: 'ping' });
  expect(messages).toEqual([snapshot(7), event(8)]);
  expect(statuses).toEqual(['connecting', 'on']);
});

test('after a loss it resumes after the last message, and says so only once the server spoke', async () => {
  connect();
  opens();
  says(snapshot(7));
  says(event(8));
  await drops();
  expect(statuses.at(-1)).toBe('lost');
  timeFor(retryDelay(1, () => 1));
  opens();
  expect(newest().sent).toEqual([{ type: 'resume', after: 8 }]);
  expect(statuses.at(-1)).toBe('lost');
  says(event(9));
  expect(statuses.at(-1)).toBe('on');
});

test('a message that comes twice is passed on once', () => {
  connect();
  opens();
  says(snapshot(7));
  says(event(8));
  says(event(8));
  expect(messages).toHaveLength(2);
});

test('a missing number is not passed over: everything is asked again', async () => {
  connect();
  opens();
  says(snapshot(7));
  says(event(9));
  expect(messages).toEqual([snapshot(7)]);
  expect(newest().closed).toBe(true);
  await drops();
  timeFor(retryDelay(1, () => 1));
  opens();
  expect(newest().sent).toEqual([{ type: 'resume' }]);
});

test('a line that is silent for too long is taken for dead', async () => {
  connect();
  opens();
  says(snapshot(1));
  timeFor(40_000);
  expect(newest().closed).toBe(true);
  expect(statuses.at(-1)).toBe('lost');
  timeFor(retryDelay(1, () => 1));
  expect(sockets).toHaveLength(2);
});

test('each failure waits longer, up to a limit, and a success starts afresh', async () => {
  connect();
  for (const delay of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
    await drops();
    timeFor(delay);
  }
  opens();
  says(snapshot(1));
  await drops();
  expect(timers.map(({ delay }) => delay)).toContain(500);
});

test('once the session has ended, nothing is tried any more', async () => {
  const connection = connect();
  signedIn = false;
  await drops();
  expect(statuses.at(-1)).toBe('signed-out');
  connection.hurry();
  expect(sockets).toHaveLength(1);
  expect(timers).toEqual([]);
});

test('it can be made to hurry while it waits, and not while it is open', async () => {
  const connection = connect();
  connection.hurry();
  expect(sockets).toHaveLength(1);
  await drops();
  connection.hurry();
  expect(sockets).toHaveLength(2);
  expect(timers.map(({ delay }) => delay)).toEqual([40_000]);
});

test.each([1, 4, 10])(
  'the wait after %i failures is between half and the whole of its ceiling',
  (failures) => {
    const ceiling = retryDelay(failures, () => 1);
    expect(retryDelay(failures, () => 0)).toBe(Math.round(ceiling / 2));
  },
);

test('everything can be asked again on the connection that is open', () => {
  const connection = connect();
  opens();
  says(snapshot(7));
  connection.refresh();
  connection.refresh();
  says(event(8));
  connection.refresh();
  expect(newest().sent).toEqual([{ type: 'resume' }, { type: 'resume' }]);
  says(snapshot(9));
  expect(messages.at(-1)).toEqual(snapshot(9));
  expect(newest().closed).toBe(false);
  connection.refresh();
  expect(newest().sent).toHaveLength(3);
});
