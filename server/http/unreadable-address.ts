import type { IncomingMessage } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';
import { holdsNir } from '../records/patients/nir.ts';
import { asProblem, programsPath } from './error-handling.ts';

/** Requests whose address the router could not read, and why. */
const refused = new WeakMap<IncomingMessage, Problem>();

/**
 * Takes over from the router when it cannot read an address (`/suivi/%zz`, a parameter too long). The request is sent
 * round again at an address that can be read, so that its refusal passes by the hooks of any other and has their headers.
 */
export function refuseAddress(
  error: FastifyError,
  { raw, server }: FastifyRequest,
  reply: FastifyReply,
): void {
  refused.set(raw, asProblem(error));
  raw.url = programsPath.exec(raw.url ?? '')?.[0] ?? '/';
  server.routing(raw, reply.raw);
}

/** The hook that refuses what `refuseAddress` sent round; added after those that set headers. */
export function registerAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    const problem = refused.get(raw);
    if (problem) throw problem;
  });
}

/**
 * The hook that refuses an address in which a NIR stands, whatever it asks for: it is forgotten at once, so that neither
 * the refusal nor a link or log of ours repeats it. Added after the hooks that set headers, before any that redirects.
 * @throws Problem 400 `nir-in-address`.
 */
export function registerNirRefusal(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    const { url = '' } = raw;
    if (!holdsNir(url) && !holdsNir(decoded(url))) return;
    raw.url = programsPath.exec(url)?.[0].replace('?', '') ?? '/';
    throw new Problem(400, 'nir-in-address');
  });
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
