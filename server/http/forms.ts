import { parse } from 'node:querystring';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLanguage, type Language } from '../texts.ts';

/**
 * What a form with a message may weigh, on its own route; others have the app's limit. Three bytes a letter, and a million letters pasted by mistake: they must come
 * back with an error beside them, not be cut off.
 */
export const formLimitBytes = 8 * 1024 * 1024;

/** More fields than any form of ours has; what comes after them is left out. */
const maxKeys = 1000;

/** Lets the routes of `app` take forms, as an object without prototype: a field's text by its name. */
export async function registerForms(app: FastifyInstance): Promise<void> {
  await app.register(formbody, { parser: parseForm });
}

/** A URL-encoded body as an object without prototype: a field's text by its name, its texts when it was sent several times. */
export function parseForm(text: string): Readonly<NodeJS.Dict<string | string[]>> {
  return parse(text, '&', '=', { maxKeys });
}

/** One text field of a form's body; a field sent twice, or not as text, is none. */
export function formField(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value = (body as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** The language that the address asks for (`?lang=en`), if it does. */
export function askedLanguage(request: FastifyRequest): Language | undefined {
  const asked = (request.query as Readonly<Record<string, unknown>>).lang;
  return isLanguage(asked) ? asked : undefined;
}

export function sendPage(reply: FastifyReply, html: string) {
  return reply.type('text/html; charset=utf-8').send(html);
}
