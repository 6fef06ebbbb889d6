import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { projectRoot } from './source.ts';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses?: Readonly<Record<string, unknown>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every route of the app that was built last: `get /api/cases/{number}`. */
let routes: string[] = [];

/** Fastify says on this channel that an app is being made, before any route is added to it. */
function heard(message: unknown): void {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  routes = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    const path = url.replace(/:(\w+)/g, '{$1}');
    for (const each of [method].flat()) routes.push(`${each.toLowerCase()} ${path}`);
  });
}

describe('the description of the API', () => {
  beforeAll(() => subscribe('fastify.initialization', heard));
  afterAll(() => unsubscribe('fastify.initialization', heard));
  const test = testApp(testDatabase());

  const description = async (): Promise<Description> => (await test.app.inject('/openapi.json')).json();

  it('has every route of the API, each with a summary, a tag and its answers', async () => {
    const { paths } = await description();
    const api = routes.filter((route) => / \/api\//.test(route) && !route.startsWith('head '));
    const faults = api.filter((route) => {
      const [method = '', path = ''] = route.split(' ');
      const { summary, tags = [], responses = {} } = paths[path]?.[method] ?? {};
      const answers = Object.keys(responses).some((status) => /^(2|101)/.test(status));
      return !(summary && tags.length > 0 && answers);
    });
    expect(faults).toEqual([]);
    expect(api.length).toBeGreaterThan(15);
  });

  it('describes nothing that is not there', async () => {
    const { paths } = await description();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations.filter((operation) => !routes.includes(operation))).toEqual([]);
  });

  it('is what docs/generated/openapi.json says (npm run openapi:write writes it anew)', async () => {
    const text = `${JSON.stringify(await description(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(projectRoot, 'docs/generated/openapi.json'));
  });
});
