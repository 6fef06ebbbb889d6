import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { requireProfessional } from '../../identity/require-professional.ts';
import { requireRight } from '../../identity/require-right.ts';
import { parisDay } from '../../paris-day.ts';
import { ProblemSchema } from '../../problem.ts';
import { personOf } from '../acts/act-entry.ts';
import { delegationScopes } from './delegations.table.ts';
import { DelegationBody, giveDelegation } from './give-delegation.ts';
import { delegationState, type ListedDelegation, listDelegations } from './list-delegations.ts';
import { revokeDelegation } from './revoke-delegation.ts';

const DelegationSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    delegator: Type.Object({
      nationalIdentifier: Type.String(),
      familyName: Type.String(),
      givenNames: Type.String(),
    }),
    delegateIdentifier: Type.String(),
    delegateName: Type.String(),
    scope: Type.Enum([...delegationScopes]),
    structure: Type.Union([Type.String(), Type.Null()]),
    validFrom: Type.String(),
    validTo: Type.Union([Type.String(), Type.Null()]),
    state: Type.Enum(['planned', 'current', 'ended', 'revoked']),
    createdAt: Type.String({ format: 'date-time' }),
    revokedAt: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'Delegation' },
);
const problems = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  422: ProblemSchema,
};

/** Delegations for programs: given, listed on both sides, revoked. */
export async function delegationsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  routes.post(
    '/api/records/delegations',
    {
      onRequest: requireRight(deps, 'delegation.give'),
      schema: {
        tags: ['records'],
        summary: 'Let a named person enter on one’s behalf',
        body: DelegationBody,
        response: { 201: DelegationSchema, ...problems },
      },
    },
    async (request, reply) => {
      const now = clock.now();
      const given = await giveDelegation(db, request.professional, request.body, now);
      const state = delegationState(given, parisDay(now));
      return reply
        .status(201)
        .send(delegationJson({ ...given, delegator: personOf(request.professional), state }));
    },
  );

  routes.get(
    '/api/records/delegations',
    {
      onRequest: requireProfessional(deps),
      schema: {
        tags: ['records'],
        summary: 'Delegations that one gave, and those that one was given',
        response: {
          200: Type.Object({ given: Type.Array(DelegationSchema), received: Type.Array(DelegationSchema) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { given, received } = await listDelegations(db, request.professional, clock.now());
      return { given: given.map(delegationJson), received: received.map(delegationJson) };
    },
  );

  routes.delete(
    '/api/records/delegations/:delegationId',
    {
      onRequest: requireProfessional(deps),
      schema: {
        tags: ['records'],
        summary: 'End a delegation now, from either side; the acts of before stay covered',
        params: Type.Object({ delegationId: Type.String({ format: 'uuid' }) }),
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await revokeDelegation(db, request.professional, request.params.delegationId, clock.now());
      return reply.status(204).send(null);
    },
  );
}

function delegationJson({ delegator, createdAt, revokedAt, ...delegation }: ListedDelegation) {
  const { id, delegateIdentifier, delegateName, scope, structure, validFrom, validTo, state } = delegation;
  const { nationalIdentifier, familyName, givenNames } = delegator;
  return {
    id,
    delegator: { nationalIdentifier, familyName, givenNames },
    delegateIdentifier,
    delegateName,
    scope,
    structure,
    validFrom,
    validTo,
    state,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
