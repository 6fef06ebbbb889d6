import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import WebSocket from 'ws';
import type {
  EventMessage,
  PingMessage,
  PresenceMessage,
  SnapshotMessage,
} from '#server/live-queue/messages.ts';
import { nirWatch } from './nir-watch/watch.ts';

type Messages = {
  snapshot: SnapshotMessage;
  event: EventMessage;
  presence: PresenceMessage;
  ping: PingMessage;
};
type Message = Messages[keyof Messages];

export interface LiveClient {
  readonly socket: WebSocket;
  /** Every message so far, in order. */
  readonly heard: readonly Message[];
  /** The next message of that type not yet taken, as soon as it is there; others are passed over. */
  next<Type extends keyof Messages>(type: Type): Promise<Messages[Type]>;
  say(message: unknown): void;
  /** The code and reason with which the connection ends. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Ends the connection, and waits for it. */
  end(): Promise<void>;
}

export interface LiveWish {
  readonly cookie?: string;
  readonly hotline?: string;
  readonly query?: string;
  readonly origin?: string;
}

/** Where an app that listens can be reached. */
export function addressOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the app does not listen on a port');
  return `127.0.0.1:${address.port}`;
}

/** Connects to the live queue. @throws Error with the `status` when the upgrade is refused. */
export async function liveClient(app: FastifyInstance, wish: LiveWish = {}): Promise<LiveClient> {
  const { cookie, hotline = 'etablissements', query = '', origin } = wish;
  const socket = new WebSocket(`ws://${addressOf(app)}/api/live?hotline=${hotline}${query}`, {
    headers: { ...(cookie && { cookie }) },
    ...(origin !== undefined && { origin }),
  });
  const heard: Message[] = [];
  let taken = 0;
  let wake = () => {};
  socket.on('message', (data: Buffer) => {
    nirWatch.look('a message of the live queue', data.toString());
    // The server's own words: what the tests then look at.
    heard.push(JSON.parse(data.toString()) as Message);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      reject(Object.assign(new Error(`refused: ${response.statusCode}`), { status: response.statusCode }));
    });
  });

  return {
    socket,
    heard,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(type) {
      for (;;) {
        while (taken < heard.length) {
          const message = heard[taken];
          taken += 1;
          // The type says which message it is.
          if (message?.type === type) return message as Messages[typeof type];
        }
        if (socket.readyState >= WebSocket.CLOSING) throw new Error(`closed before any ${type}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async end() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const end = once(socket, 'close');
      socket.close();
      await end;
    },
  };
}
