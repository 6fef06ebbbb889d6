import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireProfessional } from '../../identity/require-professional.ts';
import { requireRight } from '../../identity/require-right.ts';
import { mayDo } from '../../identity/rights.ts';
import { parisDay } from '../../paris-day.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { structureOf } from '../access-log/log-access.ts';
import type { FormValues } from '../acts/act-form.ts';
import { nameOf } from '../acts/acts-page.ts';
import { fromWall } from '../acts/place-zone.ts';
import { sayDay } from '../rules/finding-words.ts';
import { delegationScopes } from './delegations.table.ts';
import { giveDelegation } from './give-delegation.ts';
import { type ListedDelegation, listDelegations } from './list-delegations.ts';
import { revokeDelegation } from './revoke-delegation.ts';

const fields = ['delegateIdentifier', 'delegateName', 'scope', 'structure', 'validFrom', 'validTo'] as const;

/** `/delegations`: those given, those received, and the form that gives one. */
export async function delegationPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, identity } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  async function sendDelegations(
    request: FastifyRequest,
    reply: FastifyReply,
    values: FormValues,
    problem?: Problem,
  ) {
    const language = languageOf(request);
    const { professional } = request;
    const now = clock.now();
    const { given, received } = await listDelegations(db, professional, now);
    const right = mayDo(professional, 'delegation.give', now, await identity.rights.current());
    const details = problem?.describe(texts, language);
    const errors = (details?.errors ?? []).map(({ path, message }) => ({ field: path.slice(1), message }));
    const say = (key: string, parameters?: Record<string, string>) =>
      texts.say(language, `records-delegations.${key}`, parameters);
    const shown = (each: ListedDelegation) => ({
      id: each.id,
      stateName: each.state,
      state: say(`states.${each.state}`),
      scope: say(`scopes.${each.scope}`),
      structure: each.structure ?? say('anywhere'),
      period:
        each.validTo === null
          ? say('from', { from: sayDay(language, each.validFrom) })
          : say('from_to', { from: sayDay(language, each.validFrom), to: sayDay(language, each.validTo) }),
      ends: each.state === 'current' || each.state === 'planned',
    });
    const told = (request.query as Readonly<Record<string, unknown>>).fait;
    const deed = (['given', 'revoked'] as const).find((each) => each === told);
    const data = {
      given: given.map((each) => ({
        ...shown(each),
        name: each.delegateName,
        identifier: each.delegateIdentifier,
      })),
      received: received.map((each) => ({
        ...shown(each),
        name: nameOf(each.delegator),
        identifier: each.delegator.nationalIdentifier,
      })),
      mayGive: 'allowed' in right && !right.byDelegation,
      values,
      fieldErrors: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
      scopes: delegationScopes.map((value) => ({ value, label: say(`scopes.${value}`) })),
      done: problem ? undefined : deed && say(`done.${deed}`),
      heading: errors.length === 0 ? details?.title : undefined,
      errors: details && (errors.length > 0 ? errors : [{ message: details.detail }]),
    };
    const title = say('title');
    const status = problem?.statusCode ?? 200;
    return pages.send(request, reply, {
      name: 'records/delegations',
      section: 'delegations',
      title,
      data,
      status,
    });
  }

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const problem = asProblem(error);
    const lost = problem.statusCode === 401 || problem.code.startsWith('may-not');
    if (request.method !== 'POST' || typeof request.body !== 'object' || lost) throw error;
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    return sendDelegations(request, reply, readForm(request.body), problem);
  });

  app.get('/delegations', { onRequest: requireProfessional(deps) }, async (request, reply) => {
    const structure = structureOf(request.professional) ?? '';
    const values = { scope: 'entry', structure, validFrom: parisDay(clock.now()) };
    return sendDelegations(request, reply, values);
  });

  app.post('/delegations', { onRequest: requireRight(deps, 'delegation.give') }, async (request, reply) => {
    check(request);
    const values = readForm(request.body);
    const scope = delegationScopes.find((each) => each === values.scope);
    const errors: FieldProblem[] = [];
    const refuse = (field: (typeof fields)[number], key: string) => errors.push({ path: `/${field}`, key });
    if (!values.delegateName?.trim()) refuse('delegateName', 'records-delegations.errors.name');
    if (!values.delegateIdentifier?.trim()) {
      refuse('delegateIdentifier', 'records-delegations.errors.identifier_missing');
    }
    for (const name of ['validFrom', 'validTo'] as const) {
      const date = values[name] ?? '';
      if (date === '' && name === 'validTo') continue;
      const read = fromWall({ date, time: '12:00', zone: 'Europe/Paris' });
      if ('error' in read) refuse(name, 'records-acts.errors.date');
    }
    if (!scope) refuse('scope', 'records-delegations.errors.scope');
    if (!scope || errors.length > 0) throw new Problem(422, 'invalid', { errors });
    const { delegateIdentifier = '', delegateName = '', structure, validFrom = '', validTo } = values;
    await giveDelegation(
      db,
      request.professional,
      {
        delegateIdentifier,
        delegateName: delegateName.slice(0, 120),
        scope,
        validFrom,
        ...(structure && { structure }),
        ...(validTo && { validTo }),
      },
      clock.now(),
    );
    return reply.redirect('/delegations?fait=given', 303);
  });

  app.post<{ Params: { readonly delegationId: string } }>(
    '/delegations/:delegationId/retirer',
    {
      onRequest: requireProfessional(deps),
      schema: {
        params: {
          type: 'object',
          properties: { delegationId: { type: 'string', format: 'uuid' } },
          required: ['delegationId'],
        },
      },
    },
    async (request, reply) => {
      check(request);
      await revokeDelegation(db, request.professional, request.params.delegationId, clock.now());
      return reply.redirect('/delegations?fait=revoked', 303);
    },
  );

  /** @throws Problem 403 `stale-form`. */
  function check(request: FastifyRequest): void {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
  }
}

function readForm(body: unknown): FormValues {
  return Object.fromEntries(fields.map((name) => [name, formField(body, name) ?? '']));
}
