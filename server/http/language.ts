import type { FastifyRequest } from 'fastify';
import { isLanguage, type Language, preferredLanguage } from '../texts.ts';

/** The cookie that remembers a choice made with `?lang=`. */
export const languageCookie = 'language';

/**
 * The language of a request: chosen in the address (`?lang=en`), remembered in the cookie, or preferred by the
 * browser; French when nothing says otherwise.
 */
export function languageOf(request: FastifyRequest): Language {
  const asked = (request.query as Readonly<Record<string, unknown>> | undefined)?.lang;
  return isLanguage(asked) ? asked : usualLanguage(request);
}

/** The language of a request whose address asks for none. */
export function usualLanguage(request: FastifyRequest): Language {
  const remembered = request.cookies?.[languageCookie];
  if (isLanguage(remembered)) return remembered;
  return preferredLanguage(request.headers['accept-language']);
}
