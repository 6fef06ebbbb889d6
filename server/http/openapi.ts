import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { nameShapes } from './name-shapes.ts';

/** `GET /openapi.json`, made from the routes' own schemas, and `GET /docs` to read it. */
export async function registerOpenApi(app: FastifyInstance, config: Config): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aiguillage',
        version: '1',
        description:
          'Connection help and triage desk of the teleservice Vaccin Covid. Errors are RFC 9457 problems.',
      },
      servers: [{ url: config.publicUrl }],
    },
    hideUntagged: true,
    transformObject: (document) =>
      'openapiObject' in document ? nameShapes(document.openapiObject) : document.swaggerObject,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
