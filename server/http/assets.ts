import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const require = createRequire(import.meta.url);

/** Of zxing-wasm: the reader of codes for browsers, and its machine code. */
const readerFiles = new Set(['/es/reader/index.js', '/es/share.js', '/reader/zxing_reader.wasm']);

/** Style sheets, scripts and icons of our own below `/assets`; beside them Pico's style sheet and the reader of codes. */
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
  await app.register(fastifyStatic, {
    root: join(dirname(require.resolve('zxing-wasm/reader/zxing_reader.wasm')), '..'),
    prefix: '/assets/zxing/',
    decorateReply: false,
    allowedPath: (path) => readerFiles.has(path),
    ...options,
  });
}
