import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const require = createRequire(import.meta.url);

/** Style sheets, scripts and icons of our own below `/assets`, and Pico's style sheet beside them. */
export async function registerAssets(app: FastifyInstance): Promise<void> {
  const options = { maxAge: '1h', index: false } as const;
  await app.register(fastifyStatic, {
    root: join(import.meta.dirname, '../../templates/assets'),
    prefix: '/assets/',
    ...options,
  });
  await app.register(fastifyStatic, {
    root: join(dirname(require.resolve('@picocss/pico/package.json')), 'css'),
    prefix: '/assets/pico/',
    decorateReply: false,
    allowedPath: (path) => path === '/pico.min.css',
    ...options,
  });
}
