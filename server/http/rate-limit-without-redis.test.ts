import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import { testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
let app: FastifyInstance;
beforeAll(async () => {
  const deps = testDependencies(database);
  // Nothing listens on the port of "discard".
  app = await buildApp({ ...deps, config: { ...deps.config, redisUrl: 'redis://127.0.0.1:9' } });
  await app.ready();
});
afterAll(() => app.close());

// Waiting for Redis would take tens of seconds: the test's own time limit is what would end it.
test('while the limiter’s Redis is away, callers are let in at once', { timeout: 10_000 }, async () => {
  for (let n = 0; n < 5; n += 1) {
    const started = await app.inject({ method: 'POST', url: '/api/wizard/sessions', payload: {} });
    expect(started.statusCode).toBe(201);
  }
});
