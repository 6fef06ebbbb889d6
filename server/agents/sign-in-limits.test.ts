import rateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { asProblem } from '../http/error-handling.ts';
import { signInLimits } from './sign-in-limits.ts';

test('one address cannot use up the tries of an account, nor push its count out of memory', async () => {
  const app = Fastify();
  await app.register(rateLimit, { global: false });
  app.setErrorHandler((error: Error, _, reply) => reply.status(asProblem(error as never).statusCode).send());
  app.post('/', { preHandler: signInLimits(app) }, async () => 'tried');
  const attempt = async (email: string, remoteAddress: string) =>
    (await app.inject({ method: 'POST', url: '/', payload: { email }, remoteAddress })).statusCode;

  // An account that was tried from everywhere.
  for (let n = 0; n < 101; n += 1) await attempt('claire@demo.test', `198.51.100.${n}`);
  expect(await attempt('claire@demo.test', '192.0.2.1')).toBe(429);
  // More names than are kept: they would push out the oldest count, if they were counted.
  const flood = Array.from({ length: 5_100 }, (_, n) => attempt(`nobody-${n}@demo.test`, '203.0.113.1'));
  expect((await Promise.all(flood)).filter((status) => status === 200)).toHaveLength(200);
  expect(await attempt('claire@demo.test', '192.0.2.2')).toBe(429);
  await app.close();
});
