import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { cases } from '../cases/cases.table.ts';
import type { Dependencies } from '../dependencies.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { canonicalZone, isoIn } from '../routing/time-zones.ts';
import { bookCallback } from './book-callback.ts';
import { cancelCallback } from './cancel-callback.ts';
import { findLiveCallback } from './find-callback.ts';
import { offerCallbacks } from './offer-callbacks.ts';

/** Changes from one address in a minute: a whole hospital may share it. */
const changeLimit = { max: 120, timeWindow: '1 minute' } as const;

const Params = Type.Object({ token: Type.String({ maxLength: 100, description: 'The secret of the link' }) });
const Instant = Type.String({ format: 'date-time' });
const SlotSchema = Type.Object({ startsAt: Instant, endsAt: Instant }, { title: 'CallbackSlot' });
const CallbackSchema = Type.Object(
  {
    startsAt: Instant,
    endsAt: Instant,
    hotline: Type.String(),
    zone: Type.String({ description: 'IANA zone in which the practitioner is told the time' }),
  },
  { title: 'Callback' },
);

/** Callbacks for programs, on the practitioner's side: by the secret link, as tracking/callback.routes.ts for people. */
export async function callbacksRoutes(server: FastifyInstance, deps: Dependencies): Promise<void> {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { clock, config, db, doorbell } = deps;
  const rules = async () => ({ configuration: await deps.routing.current(), terms: config.callbacks });

  async function getCase(token: string) {
    const [found] = await db.select().from(cases).where(eq(cases.trackingToken, token));
    if (!found) throw new Problem(404, 'no-such-tracking');
    return found;
  }

  async function callbackOf({ id, hotlineId }: { readonly id: number; readonly hotlineId: string }) {
    const live = await findLiveCallback(db, id);
    if (!live) return undefined;
    const { startsAt, endsAt, zone } = live;
    return { startsAt: isoIn(zone, startsAt), endsAt: isoIn(zone, endsAt), hotline: hotlineId, zone };
  }

  app.get(
    '/api/suivi/:token/callback',
    {
      schema: {
        tags: ['tracking'],
        summary: 'The callback of a case, and what may be booked',
        params: Params,
        querystring: Type.Object({
          zone: Type.Optional(
            Type.String({ maxLength: 64, description: 'IANA zone of the answer; the line’s' }),
          ),
        }),
        response: {
          200: Type.Object({
            callback: Type.Optional(CallbackSchema),
            slots: Type.Array(SlotSchema, { description: 'Those that have a place left' }),
            none: Type.Optional(
              Type.Enum(['hours_unknown', 'closed', 'full'], { description: 'Why there are no slots' }),
            ),
          }),
          404: ProblemSchema,
        },
      },
    },
    async (request) => {
      const record = await getCase(request.params.token);
      const given = await rules();
      const hotline = findHotline(given.configuration, record.hotlineId);
      const asked = request.query.zone === undefined ? undefined : canonicalZone(request.query.zone);
      const zone = asked ?? hotline?.schedule.zone ?? 'Europe/Paris';
      const { slots, none } = await offerCallbacks(db, record.hotlineId, given, clock.now());
      const callback = await callbackOf(record);
      return {
        ...(callback && { callback }),
        slots: slots.map(({ startsAt, endsAt }) => ({
          startsAt: isoIn(zone, startsAt),
          endsAt: isoIn(zone, endsAt),
        })),
        ...(none && { none }),
      };
    },
  );

  app.post(
    '/api/suivi/:token/callback',
    {
      config: { rateLimit: changeLimit },
      schema: {
        tags: ['tracking'],
        summary: 'Book a callback, or change the one that is booked',
        params: Params,
        body: strictObject({
          startsAt: Instant,
          phone: Type.Optional(Type.String({ maxLength: 40, description: 'By default that of the case' })),
          zone: Type.Optional(
            Type.String({ maxLength: 64, description: 'By default that of the phone number' }),
          ),
        }),
        response: {
          200: { ...CallbackSchema, description: 'It was booked already' },
          201: CallbackSchema,
          404: ProblemSchema,
          409: {
            ...ProblemSchema,
            description: 'Taken meanwhile (`next` is the first one left), or not offered',
          },
          422: ProblemSchema,
          429: ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const { startsAt, phone, zone: named } = request.body;
      const zone = named === undefined ? undefined : canonicalZone(named);
      if (named !== undefined && zone === undefined) {
        throw new Problem(422, 'invalid', { errors: [{ path: '/zone', key: 'problems.fields.enum' }] });
      }
      const booking = { token, startsAt: new Date(startsAt), phone, zone };
      const booked = await bookCallback(db, booking, await rules(), clock.now());
      if (booked.changed) doorbell.ring();
      const callback = await callbackOf(booked.case);
      if (!callback) throw new Problem(409, 'callback-not-offered');
      return reply.status(booked.changed ? 201 : 200).send(callback);
    },
  );

  app.delete(
    '/api/suivi/:token/callback',
    {
      config: { rateLimit: changeLimit },
      schema: {
        tags: ['tracking'],
        summary: 'Cancel the callback, if there is one',
        params: Params,
        response: { 204: Type.Null(), 404: ProblemSchema, 409: ProblemSchema },
      },
    },
    async (request, reply) => {
      const { changed } = await cancelCallback(db, request.params.token, clock.now());
      if (changed) doorbell.ring();
      return reply.status(204).send(null);
    },
  );
}
