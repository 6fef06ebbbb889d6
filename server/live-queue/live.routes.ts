import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { requireAgent } from '../agents/require-agent.ts';
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { isOwnOrigin } from '../http/security.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { liveHub, type Place } from './hub.ts';
import { closing, ResumeSchema, ServerMessageSchema } from './messages.ts';
import { systemTimers, type Timers } from './timers.ts';

/** The only thing a client says is short. */
const maxMessageBytes = 1024;
/** Beyond this, the message is not even read to its end. */
const maxPayload = 64 * 1024;
/** A client that says nothing is given the snapshot after this long. */
const patienceMs = 250;

const LiveQuery = strictObject({
  hotline: Type.String({ maxLength: 40 }),
  html: Type.Optional(Type.Literal('1', { description: 'Rows also as HTML, for the desk’s pages' })),
  lang: Type.Optional(Type.String({ maxLength: 10 })),
});

/** How long a client may take to say goodbye when the server stops. */
const farewellMs = 1_000;

/** Lets routes of `app` speak WebSocket; called once, on the app itself, before any route. */
export async function registerWebSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload },
    preClose: (done) => {
      const { clients } = app.websocketServer;
      for (const client of clients) client.close(closing.goingAway, 'stopping');
      // Sockets hold up the end of the server, and a client that is dead says nothing.
      systemTimers.after(farewellMs, () => {
        for (const client of clients) client.terminate();
      });
      done();
    },
  });
}

/** The live queue: `GET /api/live`, and the hub behind it, which lives as long as the app. */
export async function liveRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  counts: QueueCounts,
  timers: Timers = systemTimers,
): Promise<void> {
  const hub = liveHub(deps, counts, timers);
  app.addHook('onReady', async () => hub.start());
  app.addHook('onClose', async () => hub.stop());

  app.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/api/live',
    schema: {
      tags: ['live'],
      summary: 'Watch a hotline’s queue over a WebSocket',
      description:
        'Say `{"type":"resume"}`, with `after` to go on where a connection was lost. The first message is always a ' +
        'snapshot; events follow it without a gap. The schema of 101 is that of the messages.',
      querystring: LiveQuery,
      response: {
        101: ServerMessageSchema,
        401: ProblemSchema,
        403: ProblemSchema,
        426: ProblemSchema,
      },
    },
    // Whoever may not watch is refused in plain HTTP, before there is a WebSocket.
    onRequest: requireAgent(deps),
    preValidation: async (request) => refuseForeignPage(request, deps),
    preHandler: async (request) => {
      const { hotline } = request.query;
      if (!request.agent.hotlines.includes(hotline)) throw new Problem(403, 'foreign-hotline');
    },
    handler: async () => {
      throw new Problem(426, 'websocket-needed');
    },
    wsHandler: (socket, request) => {
      const { hotline, html } = request.query;
      const form = { language: languageOf(request), html: html === '1' };
      const place = hub.watch({ hotline, sessionId: request.agent.sessionId, form, socket });
      const stopWaiting = timers.after(patienceMs, () => place.resume(undefined));
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        stopWaiting();
        hear(place, data, isBinary);
      });
      socket.on('pong', () => place.answered());
      socket.on('close', () => {
        stopWaiting();
        place.leave();
      });
      // A broken or oversized frame: the socket closes by itself, which is heard above.
      socket.on('error', () => {});
    },
  });
}

/** A browser says which page connects, and cookies go with any page's connection. */
function refuseForeignPage(request: FastifyRequest, { config }: Dependencies): void {
  const { origin } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, request, config)) throw new Problem(403, 'foreign-origin');
}

function hear(place: Place, data: Buffer, isBinary: boolean): void {
  const message = isBinary || data.length > maxMessageBytes ? undefined : parse(data.toString());
  if (Value.Check(ResumeSchema, message)) place.resume(message.after);
  else place.close(closing.refused, 'not understood');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
