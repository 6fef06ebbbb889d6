import { and, eq } from 'drizzle-orm';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../database/client.ts';
import { languageOf } from '../http/language.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { logAccess } from '../records/access-log/log-access.ts';
import { injections } from '../records/acts/acts.table.ts';
import { selectInjections } from '../records/acts/find-act.ts';
import { describeImmunizations, doublesOf } from './describe-immunizations.ts';
import type { Facade } from './fhir.routes.ts';
import { type InjectionVersion, injectionVersions } from './injection-versions.ts';
import {
  countOf,
  isId,
  onlyCounts,
  readSearch,
  referenceOf,
  sortingOf,
  tellsTotal,
  unreadable,
  withElements,
} from './search.ts';
import { immunizationCondition } from './search-immunizations.ts';
import { databasePage, readAsked, searchset } from './search-page.ts';
import { systems } from './systems.ts';
import { type Resource, toImmunization } from './to-fhir.ts';

const path = '/fhir/R4/Immunization';
const parameters = ['patient', 'status', 'date', 'vaccine-code'];

interface Params {
  readonly Params: { readonly id: string; readonly vid?: string };
}

/** Injections as Immunizations: read, read as they were, searched. */
export async function immunizationReads(app: FastifyInstance, facade: Facade): Promise<void> {
  const { deps, base, send, sendVersion, askerOf } = facade;
  const { db, clock, texts } = deps;
  const tags = ['fhir'];
  const onRequest = requireRight(deps, 'patient.read');

  app.get<Params>(
    `${path}/:id`,
    { onRequest, schema: { tags, summary: 'Read an injection as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const rules = await deps.recordRules.current();
      const id = idOf(request);
      const [resource] = await db.transaction(async (tx) => {
        const found = await selectInjections(tx, eq(injections.id, id));
        await logged(tx, request, 'injection.read', found[0]?.patientId);
        return describeImmunizations(tx, rules, found);
      });
      if (!resource) throw new Problem(404, 'no-such-act');
      // Sent also to who has this version: what followed the dose since is told in it, and makes no new one.
      const { versionId } = resource.meta;
      return send(reply.header('etag', `W/"${versionId}"`), withElements(resource, search));
    },
  );

  app.get<Params>(
    `${path}/:id/_history/:vid`,
    { onRequest, schema: { tags, summary: 'Read one version of an injection as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const versions = await versionsOf(request);
      const one = versions.find(({ meta }) => meta.versionId === request.params.vid);
      if (!one) throw new Problem(404, 'no-such-act');
      return sendVersion(request, reply, withElements(one, search));
    },
  );

  app.get<Params>(
    `${path}/:id/_history`,
    { onRequest, schema: { tags, summary: 'Read every version of an injection, the latest first' } },
    async (request, reply) => sendHistory(request, reply),
  );

  for (const [method, url] of [
    ['GET', path],
    ['POST', `${path}/_search`],
  ] as const) {
    app.route({
      method,
      url,
      onRequest,
      schema: { tags, summary: 'Search the injections of a patient' },
      handler: async (request, reply) => {
        const given = method === 'GET' ? request.query : request.body;
        const asker = askerOf(request);
        const read = { given, known: parameters, headers: request.headers };
        const asked = readAsked(asker, 'Immunization', read);
        const { search } = asked;
        const patientId = referenceOf(search, 'patient', 'Patient');
        if (patientId === undefined) throw unreadable('patient');
        const rules = await deps.recordRules.current();
        const where = immunizationCondition(patientId, search, rules);
        const { after, ...page } = databasePage(asked, {
          date: injections.occurredAt,
          _lastUpdated: injections.updatedAt,
          id: injections.id,
        });
        const { found, total, last } = await db.transaction(async (tx) => {
          await logged(tx, request, 'injection.list', patientId);
          const rows = onlyCounts(search) ? [] : await selectInjections(tx, and(where, after), page);
          return {
            found: await describeImmunizations(tx, rules, rows, await doublesOf(tx, patientId, rows)),
            total: tellsTotal(search) ? await tx.$count(injections, where) : undefined,
            last: rows[countOf(search) - 1],
          };
        });
        const at = sortingOf(search).by === 'date' ? last?.occurredAt : last?.updatedAt;
        const next = ({ id }: Resource) => ({ after: { id, at: (at ?? clock.now()).toISOString() } });
        const address = { base, address: `${base}/Immunization`, open: true };
        const saying = { texts, language: languageOf(request), asker };
        return send(reply, searchset(saying, 'Immunization', asked, { found, total, next }, address));
      },
    });
  }

  /** Reads every version and logs it in one transaction. */
  async function versionsOf(request: FastifyRequest<Params>): Promise<readonly Resource[]> {
    const rules = await deps.recordRules.current();
    const versions = await db.transaction(async (tx) => {
      const found = await injectionVersions(tx, idOf(request));
      await logged(tx, request, 'injection.read', found[0]?.injection.patientId);
      return found;
    });
    if (versions.length === 0) throw new Problem(404, 'no-such-act');
    return versions.map(({ injection, inErrorBecause, change }) =>
      because(toImmunization(injection, rules, { inErrorBecause }), change),
    );
  }

  async function sendHistory(request: FastifyRequest<Params>, reply: FastifyReply) {
    const asker = askerOf(request);
    const asked = readAsked(asker, 'history', { given: request.query, known: [], headers: request.headers });
    const { search, cursor } = asked;
    const all = await versionsOf(request);
    const id = idOf(request);
    if (cursor?.after && cursor.after.id !== id) throw unreadable('_cursor');
    const since = search.get('_since')?.[0];
    const from = since === undefined ? undefined : Date.parse(since);
    if (Number.isNaN(from)) throw unreadable('_since');
    const fitting = all.filter(({ meta }) => from === undefined || Date.parse(meta.lastUpdated) >= from);
    const further = fitting.filter(
      ({ meta }) => cursor?.after === undefined || Number(meta.versionId) < Number(cursor.after.at),
    );
    const page = { found: further, total: fitting.length, next: nextOf };
    const where = { base, address: `${base}/Immunization/${id}/_history`, open: true };
    const saying = { texts, language: languageOf(request), asker };
    const bundle = searchset(saying, 'history', asked, page, where);
    return send(reply, {
      ...bundle,
      type: 'history',
      ...(bundle.entry && { entry: bundle.entry.map((each) => asHistory(each)) }),
    });
  }

  /** Reading somebody's record is logged in the transaction that reads; nobody's is not. */
  async function logged(
    tx: Database,
    request: FastifyRequest,
    action: string,
    patientId: string | undefined,
  ) {
    if (patientId !== undefined)
      await logAccess(tx, { ...accessOf(request, action), patientId }, clock.now());
  }
}

function nextOf({ id, meta }: Resource) {
  return { after: { at: meta.versionId, id } };
}

/** With why it was changed, as a correction gives it. */
function because(resource: Resource, change: InjectionVersion['change']): Resource {
  if (!change?.reason) return resource;
  const { extension } = resource;
  const reason = { url: systems.changeReason, valueString: change.reason };
  return { ...resource, extension: [...(Array.isArray(extension) ? extension : []), reason] };
}

/** An entry of a history says by which request it came about; what was passed over stays as it is. */
function asHistory(entry: { readonly fullUrl?: string; readonly resource: object }) {
  const { resource } = entry;
  if (!('meta' in resource))
    return { resource, request: { method: 'GET', url: 'Immunization' }, response: { status: '200' } };
  // Made by `toImmunization` just before.
  const { id, meta } = resource as Resource;
  const first = meta.versionId === '1';
  return {
    fullUrl: entry.fullUrl,
    resource,
    request: { method: first ? 'POST' : 'PUT', url: first ? 'Immunization' : `Immunization/${id}` },
    response: {
      status: first ? '201' : '200',
      etag: `W/"${meta.versionId}"`,
      lastModified: meta.lastUpdated,
    },
  };
}

/** The id in the address. @throws Problem 404 for what can be none. */
function idOf(request: FastifyRequest): string {
  const { id } = request.params as { readonly id: string };
  if (!isId(id)) throw new Problem(404, 'no-such-act');
  return id;
}
