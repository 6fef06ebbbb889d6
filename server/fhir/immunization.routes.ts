import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../database/client.ts';
import { languageOf } from '../http/language.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { logAccess } from '../records/access-log/log-access.ts';
import { adverseEvents, injections, recordVersions } from '../records/acts/acts.table.ts';
import { asInjection, correctInjection } from '../records/acts/correct-injection.ts';
import { entryOf } from '../records/acts/entry-of.ts';
import { type Injection, selectInjections } from '../records/acts/find-act.ts';
import { recordInjection } from '../records/acts/record-injection.ts';
import { enterInError, restoreAct } from '../records/acts/set-act-state.ts';
import { shownOnce } from '../records/acts/shown-once.ts';
import { selectAdverseEvents } from '../records/adverse-events/find-adverse-events.ts';
import { readIfMatch } from '../records/if-match.ts';
import { personsOf } from '../records/patients/persons.ts';
import type { Facade } from './fhir.routes.ts';
import { FaultyResource } from './outcome.ts';
import { type ReadImmunization, readImmunization } from './read-immunization.ts';
import {
  fitsDates,
  isId,
  oneOf,
  readSearch,
  referenceOf,
  type SearchParameters,
  searchset,
  unreadable,
  withElements,
} from './search.ts';
import type { Fault } from './structure.ts';
import { type Resource, toImmunization } from './to-fhir.ts';

const path = '/fhir/R4/Immunization';
const parameters = ['patient', 'status', 'date', 'vaccine-code'];

/** Injections as Immunizations, by the same commands as everybody's. */
export async function immunizationRoutes(app: FastifyInstance, { deps, base, send }: Facade): Promise<void> {
  const { db, clock, texts } = deps;
  const tags = ['fhir'];
  const toRead = requireRight(deps, 'patient.read');
  const toWrite = requireRight(deps, 'injection.record', 'entry.on_behalf');

  app.get<{ Params: { id: string } }>(
    `${path}/:id`,
    { onRequest: toRead, schema: { tags, summary: 'Read an injection as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const [resource] = await resources(request, eq(injections.id, idOf(request)), 'injection.read');
      if (!resource) throw new Problem(404, 'no-such-act');
      return send(reply.header('etag', `W/"${resource.meta.versionId}"`), withElements(resource, search));
    },
  );

  for (const [method, url] of [
    ['GET', path],
    ['POST', `${path}/_search`],
  ] as const) {
    app.route({
      method,
      url,
      onRequest: toRead,
      schema: { tags, summary: 'Search the injections of a patient' },
      handler: async (request, reply) => {
        const search = readSearch(method === 'GET' ? request.query : request.body, parameters);
        const patientId = referenceOf(search, 'patient', 'Patient');
        if (patientId === undefined) throw unreadable('patient');
        const where = sql`${injections.patientId} in ${personsOf(patientId)}`;
        const found = await resources(request, where, 'injection.list', patientId);
        const fitting = found.filter((each) => fits(each, search));
        return send(reply, searchset(fitting, search, { base, address: `${base}/Immunization` }));
      },
    });
  }

  app.post(
    path,
    { onRequest: toWrite, schema: { tags, summary: 'Record an injection from a FHIR R4 Immunization' } },
    async (request, reply) => {
      const rules = await deps.recordRules.current();
      const { patientId, status, input } = readImmunization(request.body, rules);
      if (status !== 'completed') throw faulty('status', 'not-supported', 'status');
      const given = { patientId, input, idempotencyKey: keyOf(request) };
      const entry = await entryOf(request, deps);
      const { injection, created } = await recordInjection(db, entry, given, rules, clock.now()).catch(
        (error: unknown) => {
          if (!(error instanceof Problem)) throw error;
          if (error.code === 'no-such-patient') throw faulty('patient.reference', 'value', 'patient');
          // Another resource was made under that condition.
          if (error.code === 'key-used-otherwise') throw new Problem(412, error.code, { cause: error });
          throw error;
        },
      );
      reply.status(created ? 201 : 200).header('location', `${base}/Immunization/${injection.id}`);
      return sendOne(reply, injection);
    },
  );

  app.put<{ Params: { id: string } }>(
    `${path}/:id`,
    {
      onRequest: toWrite,
      schema: { tags, summary: 'Correct an injection: If-Match and a reason are needed' },
    },
    async (request, reply) => {
      const rules = await deps.recordRules.current();
      const read = readImmunization(request.body, rules);
      const id = idOf(request);
      if ((request.body as { readonly id?: unknown }).id !== id) throw faulty('id', 'value', 'id', 400);
      const version = readIfMatch(request.headers['if-match']);
      const act = await getInjection(db, id);
      const entry = await entryOf(request, deps);
      return sendOne(reply, await change(act, read));

      async function change(standing: Injection, sent: ReadImmunization): Promise<Injection> {
        if (sent.patientId !== standing.patientId)
          throw faulty('patient.reference', 'invariant', 'other_patient');
        const current = readImmunization(JSON.parse(JSON.stringify(toImmunization(standing, rules))), rules);
        if (normal(sent).performedBy !== normal(current).performedBy) {
          throw faulty('performer', 'invariant', 'performer');
        }
        const reference = { patientId: standing.patientId, id, version };
        const same = isDeepStrictEqual(normal(sent), normal(current));
        const now = clock.now();
        const reason = () => {
          const given = sent.reason?.trim() ?? '';
          if (given.length < 3 || given.length > 1000) throw faulty('extension', 'required', 'reason');
          return given;
        };
        if (sent.status === 'entered-in-error') {
          if (!same) throw faulty('status', 'invariant', 'content_and_status');
          return asInjection(
            await enterInError(db, entry, { kind: 'injection', ...reference }, reason(), now),
          );
        }
        if (standing.state === 'entered_in_error' && same) {
          const restored = { reason: reason(), notADuplicate: sent.input.notADuplicate };
          return asInjection(await restoreAct(db, entry, { kind: 'injection', ...reference }, restored, now));
        }
        const { performedBy: _, ...facts } = sent.input;
        const emptied = { lotExpiry: null, arm: null, site: null, doseVolume: null };
        return correctInjection(db, entry, reference, { ...emptied, ...facts, reason: reason() }, rules, now);
      }
    },
  );

  app.delete<{ Params: { id: string } }>(
    `${path}/:id`,
    { onRequest: toWrite, schema: { tags, summary: 'Set an injection aside as entered in error' } },
    async (request, reply) => {
      const { patientId, id } = await getInjection(db, idOf(request));
      const header = request.headers['if-match'];
      const version = header === undefined ? undefined : readIfMatch(header);
      const reason = texts.say(languageOf(request), 'fhir.delete_reason');
      const entry = await entryOf(request, deps);
      await enterInError(db, entry, { kind: 'injection', patientId, id, version }, reason, clock.now());
      return reply.status(204).send();
    },
  );

  async function sendOne(reply: FastifyReply, injection: Injection) {
    const [resource] = await describe(db, [injection]);
    return send(reply.header('etag', `W/"${injection.version}"`), resource);
  }

  /** Reads and logs in one transaction. */
  async function resources(request: FastifyRequest, where: SQL, action: string, patientId?: string) {
    return db.transaction(async (tx) => {
      const found = await selectInjections(tx, where);
      const whose = patientId ?? found[0]?.patientId;
      if (whose !== undefined)
        await logAccess(tx, { ...accessOf(request, action), patientId: whose }, clock.now());
      if (patientId === undefined) return describe(tx, found);
      const { once, doubles } = shownOnce(patientId, found);
      return describe(tx, once, doubles);
    });
  }

  /** @param doubles entries of the same doses in merged records: what followed those is told of the ones found. */
  async function describe(
    tx: Database,
    found: readonly Injection[],
    doubles: ReadonlyMap<string, readonly Injection[]> = new Map(),
  ): Promise<readonly Resource[]> {
    const idsOf = ({ id }: Injection) => [id, ...(doubles.get(id) ?? []).map((each) => each.id)];
    const rules = await deps.recordRules.current();
    const events =
      found.length === 0
        ? []
        : await selectAdverseEvents(
            tx,
            and(
              inArray(adverseEvents.injectionId, found.flatMap(idsOf)),
              eq(adverseEvents.state, 'recorded'),
            ),
          );
    const onsets = events.map(({ injection, occurredAt }) => ({ id: injection.id, occurredAt }));
    return Promise.all(
      found.map(async (injection) =>
        toImmunization(injection, rules, {
          onsets: onsets
            .filter(({ id }) => idsOf(injection).includes(id))
            .map(({ occurredAt }) => occurredAt),
          inErrorBecause: injection.state === 'recorded' ? null : await reasonOf(tx, injection.id),
        }),
      ),
    );
  }
}

/** Why an injection was set aside, as its history has it. */
async function reasonOf(tx: Database, id: string): Promise<string | null> {
  const [last] = await tx
    .select({ reason: recordVersions.reason })
    .from(recordVersions)
    .where(
      and(
        eq(recordVersions.kind, 'injection'),
        eq(recordVersions.recordId, id),
        eq(recordVersions.change, 'enter_in_error'),
      ),
    )
    .orderBy(desc(recordVersions.version))
    .limit(1);
  return last?.reason ?? null;
}

/** @throws Problem 404 `no-such-act`. Whose it is, is logged by the command that follows. */
async function getInjection(db: Database, id: string): Promise<Injection> {
  const [found] = await selectInjections(db, eq(injections.id, id));
  if (!found) throw new Problem(404, 'no-such-act');
  return found;
}

/** The id in the address. @throws Problem 404 for what can be none. */
function idOf(request: FastifyRequest): string {
  const { id } = request.params as { readonly id: string };
  if (!isId(id)) throw new Problem(404, 'no-such-act');
  return id;
}

/** What makes a creation happen once: `If-None-Exist: identifier=system|value`, or an `Idempotency-Key`. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const condition = headers['if-none-exist'];
  if (typeof condition === 'string') {
    const identifier = new URLSearchParams(condition.replace(/^\?/, '')).get('identifier');
    if (identifier === null || !/^\S+\|\S+$/.test(identifier)) throw unreadable('identifier');
    return `fhir-${createHash('sha256').update(identifier).digest('base64url')}`;
  }
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key.length < 8 || key.length > 100) throw unreadable('Idempotency-Key');
  return key;
}

/** Two ways of writing one thing compare as one. */
function normal({ input }: ReadImmunization) {
  return { ...input, occurredAt: new Date(input.occurredAt).toISOString() };
}

function fits(resource: Resource, search: SearchParameters): boolean {
  const wanted = oneOf(search, '_id');
  const status = oneOf(search, 'status');
  const vaccine = oneOf(search, 'vaccine-code');
  const { coding } = resource.vaccineCode as { readonly coding: readonly { system: string; code: string }[] };
  return (
    (wanted === undefined || wanted.split(',').includes(resource.id)) &&
    (status === undefined || status.split(',').some((each) => each.split('|').at(-1) === resource.status)) &&
    (vaccine === undefined ||
      vaccine
        .split(',')
        .some((each) => coding.some(({ system, code }) => each === code || each === `${system}|${code}`))) &&
    fitsDates(search, '_lastUpdated', new Date(resource.meta.lastUpdated)) &&
    fitsDates(search, 'date', new Date(String(resource.occurrenceDateTime)))
  );
}

function faulty(element: string, code: Fault['code'], key: string, status: 400 | 422 = 422): FaultyResource {
  return new FaultyResource(status, [{ expression: `Immunization.${element}`, code, key }]);
}
