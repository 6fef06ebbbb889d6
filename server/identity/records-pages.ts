/**
 * The frame of every page of the records half: who is signed in, for which structure, the menu, signing out. A room of the
 * records makes it once with `recordsPages(deps)`, answers with `send`, adds its entry to `menu` below with its text
 * `identity.menu.<section>`, and checks the token of its forms with `tokenHolds(request, …)`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { formTokens } from '../http/form-tokens.ts';
import { formField, sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import type { Language } from '../texts.ts';
import type { ViewData } from '../views.ts';
import { describeExercise } from './describe-exercise.ts';
import type { Professional } from './professional.ts';
import { mayDo, type Right } from './rights.ts';

/** The entries of the menu, in its order: where each leads. */
const menu = {
  home: '/espace',
  patients: '/dossiers',
  waiting: '/dossiers/a-valider',
  import: '/dossiers/import',
  delegations: '/delegations',
  structure: '/structure',
} as const;

/** Entries shown only to whoever holds a right, since they lead to nothing but a refusal otherwise. */
const reserved: Readonly<Partial<Record<keyof typeof menu, Right>>> = { import: 'record.import' };

/** Which entry of the menu a page belongs to. */
export type RecordsSection = keyof typeof menu;

export interface RecordsPage {
  /** Below `templates/pages/`, with its folder: `records/patient`. */
  readonly name: string;
  readonly section: RecordsSection;
  readonly title: string;
  readonly data?: ViewData;
  /** 200 when absent. */
  readonly status?: number;
  /** Where the page is found again, when it answers a form; a page that was asked for is where it was asked. */
  readonly path?: string;
  /** Just chosen with the form; else that of the request. */
  readonly language?: Language;
}

export interface RecordsPages {
  /** Answers with a page for `request.professional`; its forms carry `token`, errors are marked in the title. */
  send(request: FastifyRequest, reply: FastifyReply, page: RecordsPage): FastifyReply;
  /** Whether the token in the form's `token` field is this session's own and recent. */
  tokenHolds(request: FastifyRequest): boolean;
  /** `id` of the professional to whom a form with this token was given, though their session may have ended; else undefined. */
  ownerOf(token: unknown): string | undefined;
}

export function recordsPages({ config, clock, texts, views, identity }: Dependencies): RecordsPages {
  const tokens = formTokens(config.secrets, clock);
  /** The session's own token, and after it who was given it, which holds beyond the session. */
  const tokenOf = (professional: Professional) =>
    [
      tokens.make(tokenSubject(professional)),
      professional.id,
      tokens.make(ownerSubject(professional.id)),
    ].join('.');
  const holds = (professional: Professional, right: Right) =>
    'allowed' in mayDo(professional, right, clock.now(), identity.rights.atHand());
  const menuOf = (professional: Professional) =>
    Object.entries(menu).filter(([key]) => {
      const right = key in reserved ? reserved[key as RecordsSection] : undefined;
      return right === undefined || holds(professional, right);
    });
  return {
    send(request, reply, { name, section, title, data = {}, status = 200, path, language: chosen }) {
      const language = chosen ?? languageOf(request);
      const { professional } = request;
      const html = views.page(
        name,
        language,
        {
          professional,
          actingAs: professional.actingAs && describeExercise(texts, language, professional.actingAs),
          menu: menuOf(professional).map(([key, href]) => ({ key, href, here: key === section })),
          title,
          token: tokenOf(professional),
          languageSwitch: switchOf(path ?? (request.method === 'GET' ? request.url : menu[section])),
          ...data,
        },
        'records',
      );
      return sendPage(reply.status(status), html);
    },
    tokenHolds: (request) =>
      tokens.check(tokenSubject(request.professional), formField(request.body, 'token')) === 'ok',
    ownerOf(token) {
      if (typeof token !== 'string') return undefined;
      const [, , id = '', ...ofOwner] = token.split('.');
      return tokens.check(ownerSubject(id), ofOwner.join('.')) === 'ok' ? id : undefined;
    },
  };
}

/** The subject of the tokens of a professional's forms. */
function tokenSubject({ sessionId }: Pick<Professional, 'sessionId'>): string {
  return `records ${sessionId}`;
}

/** The subject of what says whose form it is: it lets nobody do anything, but be given back what they typed. */
function ownerSubject(professionalId: string): string {
  return `records form of ${professionalId}`;
}

/** What the language switch needs to stay on a page. */
export function switchOf(path: string): { readonly address: string; readonly query: string } {
  const [address = path, given] = path.split('?');
  const query = new URLSearchParams(given);
  query.delete('lang');
  return { address, query: query.toString() };
}

/** Where whoever has signed in arrives when they asked for nothing else. */
export const homePath = menu.home;

/**
 * The path of a page of ours that an address or a form names, to go to after signing in; the home page for anything else,
 * so that nobody is led to another site. Signing in never leads to signing in again.
 */
export function ownPath(path: unknown): string {
  if (typeof path !== 'string' || path.length > 500) return homePath;
  // No host can hide in there: one slash, then the characters of our own addresses only.
  if (!/^\/(?!\/)[\w/.~%-]*(\?[\w=&%.~+/-]*)?$/.test(path)) return homePath;
  return /^\/(auth|connexion|api)(\/|\?|$)/.test(path) ? homePath : path;
}
