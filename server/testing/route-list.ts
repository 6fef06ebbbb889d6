import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';

/** A route as it was declared: `POST`, `/api/records/patients/:id`. */
export interface ListedRoute {
  readonly method: string;
  readonly path: string;
}

/**
 * Every route of the app that is built after this was called, as Fastify itself hears of them; without HEAD and OPTIONS.
 * Called before `testApp`, read inside tests.
 */
export function routeList(): { readonly all: readonly ListedRoute[] } {
  const list: { all: ListedRoute[] } = { all: [] };
  // Fastify says on this channel that an app is being made, before any route is added to it.
  const heard = (message: unknown) => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    const routes: ListedRoute[] = [];
    list.all = routes;
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) {
        if (each !== 'HEAD' && each !== 'OPTIONS') routes.push({ method: each, path: url });
      }
    });
  };
  beforeAll(() => subscribe('fastify.initialization', heard));
  afterAll(() => unsubscribe('fastify.initialization', heard));
  return list;
}
