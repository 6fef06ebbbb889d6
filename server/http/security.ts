import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { Problem } from '../problem.ts';

/**
 * Headers, cookies, origins and rate limits of every route.
 * Rate limits are off unless a route names its own (`config.rateLimit`), each chosen so that a hospital whose
 * staff share one address is not slowed.
 */
export async function registerSecurity(app: FastifyInstance, config: Config): Promise<void> {
  const secure = config.publicUrl.startsWith('https:');
  await app.register(helmet, {
    // Applied below, from what it said once.
    global: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        // Signing out is a form, and leads on to the issuer: browsers hold what a form leads to against this too.
        formAction: ["'self'", ...config.issuers.map(({ issuer }) => new URL(issuer).origin)],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        manifestSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
      },
    },
    // Addresses carry secrets (a session, a tracking link): they must not leave with a link.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure && { maxAge: 31_536_000, includeSubDomains: false },
    crossOriginEmbedderPolicy: false,
  });
  app.addHook('onRequest', sameHeadersEachTime());
  await app.register(cookie, { secret: [...config.secrets] });

  // With Redis the count is shared by all servers; otherwise each keeps its own.
  const redis = config.redisUrl
    ? new Redis(config.redisUrl, {
        maxRetriesPerRequest: 1,
        // While Redis is away a count fails at once: waiting for it would make every caller wait.
        enableOfflineQueue: false,
      })
    : undefined;
  redis?.on('error', (error: Error) => app.log.warn({ err: error }, 'the rate limiter has no Redis'));
  await app.register(rateLimit, {
    global: false,
    ...(redis && { redis }),
    // A limiter that cannot count lets everybody in: help must not depend on it.
    skipOnError: true,
  });
  if (redis) app.addHook('onClose', async () => redis.disconnect());

  app.addHook('onRequest', async (request) => refuseForeignOrigin(request, config));
  app.addHook('onSend', async (request, reply) => {
    if (!request.url.startsWith('/assets/')) reply.header('cache-control', 'no-store');
  });
}

/** What no page of ours asks a browser for. */
const neverPermitted = 'microphone=(), geolocation=(), payment=(), usb=(), display-capture=()';

/**
 * For a page that reads codes with the camera, as an `onRequest` of its route: it may ask for the camera, and run machine
 * code of ours (WebAssembly). Whatever else is forbidden stays so.
 */
export async function allowCamera(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const policy = String(reply.raw.getHeader('content-security-policy'));
  reply.raw.setHeader(
    'content-security-policy',
    policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
  );
  reply.raw.setHeader('permissions-policy', `camera=(self), ${neverPermitted}`);
}

/**
 * A hook that sets helmet's headers, which are the same on every answer: worked out for the first one, since that
 * takes longer than all else these hooks do. A route with a `helmet` of its own has its headers from the plugin.
 */
function sameHeadersEachTime() {
  let known: readonly (readonly [string, string])[] | undefined;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.raw.setHeader('permissions-policy', `camera=(), ${neverPermitted}`);
    if ('helmet' in request.routeOptions.config) return;
    if (known) {
      for (const [name, value] of known) reply.raw.setHeader(name, value);
      return;
    }
    const before = new Set(reply.raw.getHeaderNames());
    reply.helmet();
    known = reply.raw
      .getHeaderNames()
      .filter((name) => !before.has(name))
      .map((name) => [name, String(reply.raw.getHeader(name))] as const);
  };
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Browsers say where a request comes from: another site's may not change anything here. */
async function refuseForeignOrigin(request: FastifyRequest, config: Config): Promise<void> {
  if (safeMethods.has(request.method)) return;
  const origin = request.headers.origin;
  if (origin !== undefined && !isOwnOrigin(origin, request, config)) throw new Problem(403, 'foreign-origin');
}

/** Whether an `Origin` header names this service: its public address, or the very host that was asked. */
export function isOwnOrigin(origin: string, request: FastifyRequest, config: Config): boolean {
  if (origin === config.publicUrl) return true;
  // The embedded default is reached as localhost, 127.0.0.1 or a name on the local network.
  return !config.production && origin === `http://${request.headers.host}`;
}
