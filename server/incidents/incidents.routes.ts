import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { checkEmail } from '../mail/email-address.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { languages } from '../texts.ts';
import { checkIncident, maxIncidentMessageLength, maxTitleLength } from './check-incident.ts';
import { closeIncident } from './close-incident.ts';
import { dismissSuggestion } from './dismiss-suggestion.ts';
import { editIncident } from './edit-incident.ts';
import { incidentChangeKinds } from './incidents.table.ts';
import { findIncident, type IncidentCounts, listIncidents } from './list-incidents.ts';
import { openIncident } from './open-incident.ts';
import type { IncidentRecord, SuggestionRecord } from './open-incidents.ts';
import { reopenIncident } from './reopen-incident.ts';
import { subscribe } from './subscribe.ts';
import { subscriptionLimit } from './subscription-limit.ts';

const Instant = Type.String({ format: 'date-time' });
const Words = Type.Object({ fr: Type.String(), en: Type.Optional(Type.String()) });

const IncidentSchema = Type.Object(
  {
    id: Type.Integer(),
    version: Type.Integer(),
    title: Words,
    message: Words,
    ways: Type.Array(Type.String(), { description: 'None: all of them' }),
    symptoms: Type.Array(Type.String(), { description: 'None: all of them' }),
    expectedEnd: Type.Optional(Instant),
    openedAt: Instant,
    closedAt: Type.Optional(Instant),
    cases: Type.Integer({ description: 'Linked cases' }),
    subscribers: Type.Integer({ description: 'People who asked to be told when it is over' }),
  },
  { title: 'Incident' },
);

const IncidentDetailSchema = Type.Object(
  {
    ...IncidentSchema.properties,
    mails: Type.Object({ sent: Type.Integer(), waiting: Type.Integer(), failed: Type.Integer() }),
    history: Type.Array(
      Type.Object({
        change: Type.Enum(incidentChangeKinds),
        at: Instant,
        version: Type.Integer(),
        agent: Type.Object({ id: Type.String(), name: Type.String() }),
        fields: Type.Record(Type.String(), Type.Unknown(), { description: 'Of an edit: before and after' }),
      }),
      { description: 'The newest first' },
    ),
  },
  { title: 'IncidentDetail' },
);

const SuggestionSchema = Type.Object(
  {
    id: Type.Integer(),
    fact: Type.Enum(['way', 'symptom']),
    value: Type.String(),
    since: Instant,
    count: Type.Integer(),
    usual: Type.Number({ description: 'In the same time of the last days' }),
  },
  { title: 'IncidentSuggestion' },
);

const IncidentBody = strictObject({
  title: strictObject(
    { fr: Type.String(), en: Type.Optional(Type.String()) },
    { description: `${maxTitleLength} characters at most each` },
  ),
  message: strictObject(
    { fr: Type.String(), en: Type.Optional(Type.String()) },
    { description: `${maxIncidentMessageLength} characters at most each; without English, French is shown` },
  ),
  ways: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
  symptoms: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  expectedEnd: Type.Optional(Instant),
});

const version = Type.Optional(
  Type.Integer({ minimum: 1, description: 'The version that was seen: refused when there is a newer one' }),
);
const VersionBody = strictObject({ version });
const Params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const tags = ['incidents'];
const refusals = { 401: ProblemSchema, 403: ProblemSchema, 404: ProblemSchema, 409: ProblemSchema };

/** Incidents, for the desk; and "tell me when it is over", for anybody. */
export async function incidentsRoutes(server: FastifyInstance, deps: Dependencies): Promise<void> {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { db, clock, doorbell, incidents } = deps;
  const onRequest = requireAgent(deps);

  /** After a commit: this process knows at once, the others hear of it. */
  function told(record: IncidentRecord): IncidentRecord {
    incidents.forget();
    doorbell.ring();
    return record;
  }

  app.get(
    '/api/incidents',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Open incidents, or those that are over; and sudden rises that nobody dismissed',
        querystring: strictObject({
          state: Type.Enum(['open', 'closed'], { default: 'open' }),
          lang: Type.Optional(Type.String({ maxLength: 10 })),
        }),
        response: {
          200: Type.Object({
            incidents: Type.Array(IncidentSchema),
            suggestions: Type.Array(SuggestionSchema),
          }),
          401: ProblemSchema,
        },
      },
    },
    async (request) => {
      const listed = await listIncidents(db, request.query.state);
      const { suggestions } = await incidents.current();
      return {
        incidents: listed.map(({ record, counts }) => incidentJson(record, counts)),
        suggestions: suggestions.map(suggestionJson),
      };
    },
  );

  app.get(
    '/api/incidents/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'An incident with its history and how far its mails are',
        params: Params,
        response: { 200: IncidentDetailSchema, 401: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request) => detail(request.params.id),
  );

  async function detail(id: number): Promise<Static<typeof IncidentDetailSchema>> {
    const found = await findIncident(db, id);
    if (!found) throw new Problem(404, 'no-such-incident');
    return {
      ...incidentJson(found.record, found.counts),
      mails: found.mails,
      history: found.history.map(({ kind, at, version, agent, fields }) => ({
        change: kind,
        at: at.toISOString(),
        version,
        agent,
        fields,
      })),
    };
  }

  app.post(
    '/api/incidents',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Open an incident (supervisors): the wizard shows it at once',
        body: IncidentBody,
        response: { 201: IncidentDetailSchema, 400: ProblemSchema, ...refusals, 422: ProblemSchema },
      },
    },
    async (request, reply) => {
      const fields = read(request.body);
      const record = told(await openIncident(db, { agent: request.agent, fields }, clock.now()));
      return reply.status(201).send(await detail(record.id));
    },
  );

  app.put(
    '/api/incidents/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Change an open incident as a whole (supervisors)',
        params: Params,
        body: strictObject({ ...IncidentBody.properties, version }),
        response: { 200: IncidentDetailSchema, 400: ProblemSchema, ...refusals, 422: ProblemSchema },
      },
    },
    async (request) => {
      const { version, ...body } = request.body;
      const given = { agent: request.agent, id: request.params.id, version, fields: read(body) };
      return detail(told(await editIncident(db, given, clock.now())).id);
    },
  );

  for (const [path, summary, command] of [
    ['close', 'Say that an incident is over (supervisors): everybody who waits is written to', closeIncident],
    ['reopen', 'Take back a closing by mistake (supervisors): mails not yet sent stay', reopenIncident],
  ] as const) {
    app.post(
      `/api/incidents/:id/${path}`,
      {
        onRequest,
        preValidation: async (request) => {
          request.body ??= {};
        },
        schema: {
          tags,
          summary,
          params: Params,
          body: VersionBody,
          response: { 200: IncidentDetailSchema, 400: ProblemSchema, ...refusals },
        },
      },
      async (request) => {
        const given = { agent: request.agent, id: request.params.id, version: request.body.version };
        return detail(told(await command(db, given, clock.now())).id);
      },
    );
  }

  app.post(
    '/api/incidents/suggestions/:id/dismiss',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Set a suggestion aside for as long as its rise lasts (supervisors)',
        params: Params,
        response: { 204: Type.Null(), 401: ProblemSchema, 403: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request, reply) => {
      await dismissSuggestion(db, { agent: request.agent, id: request.params.id }, clock.now());
      incidents.forget();
      doorbell.ring();
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/api/incidents/:id/subscriptions',
    {
      config: { rateLimit: subscriptionLimit },
      schema: {
        tags,
        summary: 'Ask to be told when an incident is over: one mail, then the address is erased',
        params: Params,
        body: strictObject({
          email: Type.String({ maxLength: 1000 }),
          language: Type.Optional(Type.Enum([...languages])),
        }),
        response: {
          204: { type: 'null', description: 'Noted, whether or not it was there already' },
          400: ProblemSchema,
          404: ProblemSchema,
          409: ProblemSchema,
          422: ProblemSchema,
          429: ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const email = checkEmail(request.body.email);
      if ('problem' in email) {
        throw new Problem(422, 'invalid', { errors: [{ path: '/email', key: email.problem }] });
      }
      const language = request.body.language ?? languageOf(request);
      const given = { incidentId: request.params.id, email: email.value, language };
      if (await subscribe(db, given, clock.now())) doorbell.ring();
      return reply.status(204).send(null);
    },
  );
}

function read({ expectedEnd, ...body }: Static<typeof IncidentBody>) {
  const fields = checkIncident({ ...body, ...(expectedEnd && { expectedEnd: new Date(expectedEnd) }) });
  if ('errors' in fields) throw new Problem(422, 'invalid', { errors: fields.errors });
  return fields;
}

function incidentJson(
  record: IncidentRecord,
  { cases, subscribers }: IncidentCounts,
): Static<typeof IncidentSchema> {
  const { titleFr, titleEn, messageFr, messageEn, expectedEnd, closedAt } = record;
  return {
    id: record.id,
    version: record.version,
    title: { fr: titleFr, ...(titleEn !== null && { en: titleEn }) },
    message: { fr: messageFr, ...(messageEn !== null && { en: messageEn }) },
    ways: record.ways,
    symptoms: record.symptoms,
    ...(expectedEnd && { expectedEnd: expectedEnd.toISOString() }),
    openedAt: record.openedAt.toISOString(),
    ...(closedAt && { closedAt: closedAt.toISOString() }),
    cases,
    subscribers,
  };
}

function suggestionJson({
  id,
  fact,
  value,
  since,
  count,
  usual,
}: SuggestionRecord): Static<typeof SuggestionSchema> {
  return { id, fact, value, since: since.toISOString(), count, usual };
}
