import { subscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { NirWatch } from './watch.ts';

/** Whose answers may hold the NIR of the patient they are about: the records, never an error of theirs. */
const records = /^\/(api\/records|fhir|dossiers|reprise)(\/|$)/;

/** What a page gives back to whoever typed it: the values of fields. */
const fieldValues = /\bvalue="[^"]*"|(?<=<textarea[^>]*>)[^<]*/g;

/** What in an answer leads somewhere: of a page, of JSON. */
const addresses = /\b(?:href|action|formaction|src)="[^"]*"|"(?:https?:\/\/|\/)[^"]*"/g;

/** Watches what every Fastify app of this process is asked and answers, whoever builds it. */
export function watchApps(watch: NirWatch): void {
  subscribe('fastify.initialization', (message) => {
    // What Fastify's documentation says is published.
    const { fastify } = message as { readonly fastify: FastifyInstance };
    watchAnswers(fastify, watch);
  });
}

/** Watches what an app is asked and answers; to be called before its routes are added. */
export function watchAnswers(app: FastifyInstance, watch: NirWatch): void {
  const asked = new WeakMap<FastifyRequest, string>();
  const sent = new WeakMap<FastifyRequest, string>();
  app.addHook('onRequest', async (request) => {
    // The product forgets an address that it refuses.
    asked.set(request, request.raw.url ?? '');
  });
  app.addHook('preValidation', async (request) => {
    watch.numbers.addFrom(typed(request));
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    if (typeof payload === 'string') sent.set(request, payload);
    // PDFs and pictures are compressed, and only records have them.
    else if (Buffer.isBuffer(payload)) sent.set(request, payload.toString('latin1'));
  });
  // Not before: other hooks add headers.
  app.addHook('onResponse', async (request, reply) => {
    const what = `${request.method} ${request.routeOptions.url ?? 'an unknown address'}`;
    const status = reply.statusCode;
    if (status < 400)
      watch.look(`the address of a request that was not refused, ${what}`, asked.get(request) ?? '');
    watch.look(`the referer of ${what}`, request.headers.referer ?? '');
    for (const [name, value] of Object.entries(reply.getHeaders()))
      watch.look(`header ${name} of answer ${status} to ${what}`, String(value));
    watch.look(`answer ${status} to ${what}`, searched(request, reply, sent.get(request) ?? '', watch));
  });
}

/** What of an answer must hold no NIR. */
function searched(request: FastifyRequest, reply: FastifyReply, payload: string, watch: NirWatch): string {
  if (reply.statusCode < 400 && records.test(request.routeOptions.url ?? ''))
    return (payload.match(addresses) ?? []).join('\n');
  const page = String(reply.getHeader('content-type')).startsWith('text/html');
  return page && watch.numbers.findIn(typed(request)) ? payload.replace(fieldValues, '') : payload;
}

/** What the request's body says, a form's or a program's; of a file, which is read as it comes, nothing. */
function typed({ body }: FastifyRequest): string {
  if (typeof body !== 'object' || body === null) return String(body ?? '');
  if (body instanceof Readable || body instanceof Uint8Array) return '';
  try {
    return JSON.stringify(body);
  } catch {
    // Nested too deep to be written: the product refuses it.
    return '';
  }
}
