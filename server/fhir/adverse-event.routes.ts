import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { languageOf } from '../http/language.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { logAccess } from '../records/access-log/log-access.ts';
import { adverseEvents } from '../records/acts/acts.table.ts';
import { type AdverseEvent, selectAdverseEvents } from '../records/adverse-events/find-adverse-events.ts';
import { personsOf } from '../records/patients/persons.ts';
import type { Facade } from './fhir.routes.ts';
import {
  countOf,
  dateConditions,
  idsOf,
  isId,
  onlyCounts,
  readSearch,
  referenceOf,
  sortingOf,
  tellsTotal,
  unreadable,
  withElements,
} from './search.ts';
import { databasePage, readAsked, searchset } from './search-page.ts';
import { type Resource, toAdverseEvent } from './to-fhir.ts';

const path = '/fhir/R4/AdverseEvent';

/** Adverse events that stand: R4 has no status for one that was entered in error. */
export async function adverseEventRoutes(
  app: FastifyInstance,
  { deps, base, send, sendVersion, askerOf }: Facade,
): Promise<void> {
  const { db, clock, texts } = deps;
  const onRequest = requireRight(deps, 'patient.read');

  app.get<{ Params: { id: string } }>(
    `${path}/:id`,
    { onRequest, schema: { tags: ['fhir'], summary: 'Read an adverse event as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const { id } = request.params;
      if (!isId(id)) throw new Problem(404, 'no-such-act');
      const [event] = await select(request, eq(adverseEvents.id, id), 'adverse_event.read');
      if (!event) throw new Problem(404, 'no-such-act');
      if (event.state === 'entered_in_error') throw new Problem(410, 'act-in-error');
      return sendVersion(request, reply, withElements(toAdverseEvent(event), search));
    },
  );

  for (const [method, url] of [
    ['GET', path],
    ['POST', `${path}/_search`],
  ] as const) {
    app.route({
      method,
      url,
      onRequest,
      schema: { tags: ['fhir'], summary: 'Search the adverse events of a patient' },
      handler: async (request, reply) => {
        const asker = askerOf(request);
        const given = method === 'GET' ? request.query : request.body;
        const read = { given, known: ['subject', 'date'], headers: request.headers };
        const asked = readAsked(asker, 'AdverseEvent', read);
        const { search } = asked;
        const patientId = referenceOf(search, 'subject', 'Patient');
        if (patientId === undefined) throw unreadable('subject');
        const ids = idsOf(search);
        const where = and(
          sql`${adverseEvents.patientId} in ${personsOf(patientId)}`,
          eq(adverseEvents.state, 'recorded'),
          ids && inArray(adverseEvents.id, [...ids]),
          ...dateConditions(search, 'date', adverseEvents.occurredAt),
          ...dateConditions(search, '_lastUpdated', adverseEvents.updatedAt),
        );
        const { after, orderBy, limit } = databasePage(asked, {
          date: adverseEvents.occurredAt,
          _lastUpdated: adverseEvents.updatedAt,
          id: adverseEvents.id,
        });
        const { events, total } = await db.transaction(async (tx) => {
          await logAccess(tx, { ...accessOf(request, 'adverse_event.list'), patientId }, clock.now());
          return {
            events: onlyCounts(search)
              ? []
              : await selectAdverseEvents(tx, and(where, after), limit, orderBy),
            total: tellsTotal(search) ? await tx.$count(adverseEvents, where) : undefined,
          };
        });
        const last = events[countOf(search) - 1];
        const at = sortingOf(search).by === 'date' ? last?.occurredAt : last?.updatedAt;
        const page = {
          found: events.map(toAdverseEvent),
          total,
          next: ({ id }: Resource) => ({ after: { id, at: (at ?? clock.now()).toISOString() } }),
        };
        const address = { base, address: `${base}/AdverseEvent`, open: true };
        const saying = { texts, language: languageOf(request), asker };
        return send(reply, searchset(saying, 'AdverseEvent', asked, page, address));
      },
    });
  }

  /** Reads and logs in one transaction. */
  async function select(
    request: FastifyRequest,
    where: SQL | undefined,
    action: string,
  ): Promise<readonly AdverseEvent[]> {
    return db.transaction(async (tx) => {
      const events = await selectAdverseEvents(tx, where);
      const patientId = events[0]?.patientId;
      if (patientId !== undefined)
        await logAccess(tx, { ...accessOf(request, action), patientId }, clock.now());
      return events;
    });
  }
}
