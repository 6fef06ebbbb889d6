import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { logAccess } from '../records/access-log/log-access.ts';
import { adverseEvents } from '../records/acts/acts.table.ts';
import { type AdverseEvent, selectAdverseEvents } from '../records/adverse-events/find-adverse-events.ts';
import { personsOf } from '../records/patients/persons.ts';
import type { Facade } from './fhir.routes.ts';
import {
  fitsDates,
  isId,
  oneOf,
  readSearch,
  referenceOf,
  searchset,
  unreadable,
  withElements,
} from './search.ts';
import { toAdverseEvent } from './to-fhir.ts';

const path = '/fhir/R4/AdverseEvent';

/** Adverse events that stand: R4 has no status for one that was entered in error. */
export async function adverseEventRoutes(app: FastifyInstance, { deps, base, send }: Facade): Promise<void> {
  const { db, clock } = deps;
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
      reply.header('etag', `W/"${event.version}"`);
      return send(reply, withElements(toAdverseEvent(event), search));
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
        const search = readSearch(method === 'GET' ? request.query : request.body, ['subject', 'date']);
        const patientId = referenceOf(search, 'subject', 'Patient');
        if (patientId === undefined) throw unreadable('subject');
        const wanted = oneOf(search, '_id');
        const where = and(
          sql`${adverseEvents.patientId} in ${personsOf(patientId)}`,
          eq(adverseEvents.state, 'recorded'),
        );
        const events = await select(request, where, 'adverse_event.list', patientId);
        const found = events.filter(
          (each) =>
            (wanted === undefined || wanted.split(',').includes(each.id)) &&
            fitsDates(search, '_lastUpdated', each.updatedAt) &&
            fitsDates(search, 'date', each.occurredAt),
        );
        const address = { base, address: `${base}/AdverseEvent` };
        return send(reply, searchset(found.map(toAdverseEvent), search, address));
      },
    });
  }

  /** Reads and logs in one transaction. */
  async function select(
    request: FastifyRequest,
    where: SQL | undefined,
    action: string,
    patientId?: string,
  ): Promise<readonly AdverseEvent[]> {
    return db.transaction(async (tx) => {
      const events = await selectAdverseEvents(tx, where);
      const whose = patientId ?? events[0]?.patientId;
      if (whose !== undefined)
        await logAccess(tx, { ...accessOf(request, action), patientId: whose }, clock.now());
      return events;
    });
  }
}
