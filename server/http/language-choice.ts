import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config.ts';
import { isLanguage, type Language } from '../texts.ts';
import { wantsPage } from './error-handling.ts';
import { languageCookie } from './language.ts';

const rememberedSeconds = 180 * 24 * 60 * 60;

/** Remembers the language chosen in a page's address (`?lang=en`) for the pages that follow. */
export function registerLanguageChoice(app: FastifyInstance, config: Config): void {
  app.addHook('onRequest', async (request, reply) => {
    const asked = (request.query as Readonly<Record<string, unknown>>).lang;
    if (isLanguage(asked) && request.method === 'GET' && wantsPage(request)) {
      rememberLanguage(reply, asked, config);
    }
  });
}

/** Sets the cookie that `languageOf` reads; a browser that refuses it loses nothing but the memory. */
export function rememberLanguage(reply: FastifyReply, language: Language, config: Config): void {
  reply.setCookie(languageCookie, language, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: config.publicUrl.startsWith('https:'),
    maxAge: rememberedSeconds,
  });
}
