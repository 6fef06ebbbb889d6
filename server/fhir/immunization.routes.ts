import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { eq } from 'drizzle-orm';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../database/client.ts';
import { languageOf } from '../http/language.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { logAccess } from '../records/access-log/log-access.ts';
import { injections } from '../records/acts/acts.table.ts';
import { asInjection, type CorrectedInjection, correctInjection } from '../records/acts/correct-injection.ts';
import { entryOf } from '../records/acts/entry-of.ts';
import { type Injection, selectInjections } from '../records/acts/find-act.ts';
import { recordInjection } from '../records/acts/record-injection.ts';
import { enterInError, restoreAct } from '../records/acts/set-act-state.ts';
import { readIfMatch } from '../records/if-match.ts';
import { describeImmunizations } from './describe-immunizations.ts';
import type { Facade } from './fhir.routes.ts';
import { FaultyResource, takenOutcome } from './outcome.ts';
import { type ReadImmunization, readImmunization } from './read-immunization.ts';
import { isId, prefersOutcome, unreadable } from './search.ts';
import type { Fault } from './structure.ts';
import { toImmunization } from './to-fhir.ts';

const path = '/fhir/R4/Immunization';

/** Injections as Immunizations, recorded and changed by the same commands as everybody's. */
export async function immunizationRoutes(
  app: FastifyInstance,
  { deps, base, sendVersion }: Facade,
): Promise<void> {
  const { db, clock, texts } = deps;
  const tags = ['fhir'];
  const toWrite = requireRight(deps, 'injection.record', 'entry.on_behalf');

  app.post(
    path,
    { onRequest: toWrite, schema: { tags, summary: 'Record an injection from a FHIR R4 Immunization' } },
    async (request, reply) => {
      const rules = await deps.recordRules.current();
      const { patientId, status, input } = readImmunization(request.body, rules);
      if (status !== 'completed') throw faulty('status', 'not-supported', 'status');
      const given = { patientId, input, idempotencyKey: keyOf(request) };
      const entry = await entryOf(request, deps);
      const { injection, created, warnings } = await recordInjection(
        db,
        entry,
        given,
        rules,
        clock.now(),
      ).catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (error.code === 'no-such-patient') throw faulty('patient.reference', 'value', 'patient');
        // Another resource was made under that condition.
        if (error.code === 'key-used-otherwise') throw new Problem(412, error.code, { cause: error });
        throw error;
      });
      reply.status(created ? 201 : 200).header('location', `${base}/Immunization/${injection.id}`);
      return sendOne(request, reply, { injection, warnings });
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
      const changed = await change(act, read).catch(async (error: unknown) => {
        // What does not agree with the record tells of it, as a read does; our commands log their own refusals.
        if (error instanceof FaultyResource) {
          const { patientId } = act;
          await logAccess(db, { ...entry, patientId, action: 'injection.read' }, clock.now());
        }
        throw error;
      });
      return sendOne(request, reply, changed);

      async function change(standing: Injection, sent: ReadImmunization): Promise<CorrectedInjection> {
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
          const taken = { kind: 'injection', ...reference } as const;
          const act = await enterInError(db, entry, taken, reason(), now);
          return { injection: asInjection(act), warnings: [] };
        }
        if (standing.state === 'entered_in_error' && isDeepStrictEqual(factsOf(sent), factsOf(current))) {
          const { overrideReason, notADuplicate } = sent.input;
          const restored = { reason: reason(), overrideReason, notADuplicate };
          const taken = { kind: 'injection', ...reference } as const;
          const act = await restoreAct(db, entry, taken, restored, rules, now);
          return { injection: asInjection(act), warnings: [] };
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
      const reason = changeReasonOf(request) ?? texts.say(languageOf(request), 'fhir.delete_reason');
      const entry = await entryOf(request, deps);
      await enterInError(db, entry, { kind: 'injection', patientId, id, version }, reason, clock.now());
      return reply.status(204).send();
    },
  );

  /** The resource, or what is doubtful in it for who prefers to be told. */
  async function sendOne(
    request: FastifyRequest,
    reply: FastifyReply,
    { injection, warnings }: CorrectedInjection,
  ) {
    const rules = await deps.recordRules.current();
    const [resource] = await describeImmunizations(db, rules, [injection]);
    if (!resource) throw new Error('an injection is described as one resource');
    if (!prefersOutcome(request.headers)) return sendVersion(request, reply, resource);
    reply.header('preference-applied', 'return=OperationOutcome');
    return sendVersion(request, reply, resource, takenOutcome(texts, languageOf(request), warnings));
  }
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

/**
 * Why something is deleted, which R4 has no place for: the header `Change-Reason`, UTF-8 percent-encoded. Not a parameter:
 * addresses are kept by proxies.
 * @throws Problem 400 when it is not 3 to 1000 characters.
 */
function changeReasonOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['change-reason'];
  if (header === undefined) return undefined;
  let reason: string;
  try {
    reason = decodeURIComponent(String(header)).trim();
  } catch {
    throw unreadable('Change-Reason');
  }
  if (reason.length < 3 || reason.length > 1000) throw unreadable('Change-Reason');
  return reason;
}

/** Two ways of writing one thing compare as one. */
function normal({ input }: ReadImmunization) {
  return { ...input, occurredAt: new Date(input.occurredAt).toISOString() };
}

/** What was done, without how one insists on it: that may be added when it is taken back. */
function factsOf(read: ReadImmunization) {
  const { overrideReason: _, notADuplicate: __, ...facts } = normal(read);
  return facts;
}

function faulty(element: string, code: Fault['code'], key: string, status: 400 | 422 = 422): FaultyResource {
  return new FaultyResource(status, [{ expression: `Immunization.${element}`, code, key }]);
}
