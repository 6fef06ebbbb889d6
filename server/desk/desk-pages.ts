import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AgentIdentity } from '../agents/agent-sessions.ts';
import { presences } from '../agents/agents.table.ts';
import type { Dependencies } from '../dependencies.ts';
import { formTokens } from '../http/form-tokens.ts';
import { languageOf } from '../http/language.ts';
import type { ViewData } from '../views.ts';

/** Which entry of the desk's menu a page belongs to. */
export type Section =
  | 'queue'
  | 'incidents'
  | 'case'
  | 'search'
  | 'directory'
  | 'flows'
  | 'hotlines'
  | 'callbacks'
  | 'routing-rules'
  | 'sign-in';

export interface DeskPage {
  /** Below `templates/pages/desk/`. */
  readonly name: string;
  readonly section: Section;
  readonly title: string;
  readonly data: ViewData;
  /** 200 when absent. */
  readonly status?: number;
  /** Where the page is found again, when it answers a form; a page that was asked for is where it was asked. */
  readonly path?: string;
}

/** A sentence `desk.done.<code>` shown once, on the page that follows. */
export interface Flash {
  readonly code: FlashCode;
  readonly number?: string;
}

export const flashCodes = [
  'claimed',
  'released',
  'noted',
  'called',
  'calledInVain',
  'messaged',
  'resolved',
  'reopened',
  'transferred',
  'priority',
  'merged',
  'assigned',
  'presence',
  'nothingWaiting',
  'signedOut',
  'incidentOpened',
  'incidentEdited',
  'incidentClosed',
  'incidentReopened',
  'suggestionDismissed',
  'lineSaved',
  'rulesSaved',
] as const;
export type FlashCode = (typeof flashCodes)[number];

export interface DeskPages {
  /** Answers with a page of the desk, for the agent who is signed in or for nobody. */
  send(request: FastifyRequest, reply: FastifyReply, page: DeskPage, agent?: AgentIdentity): FastifyReply;
  /** Answers a form that did what it was asked: 303 to `path`, where `flash` is told once. */
  done(reply: FastifyReply, path: string, flash?: Flash): FastifyReply;
  /** Keeps a choice of no consequence in the browser, for the desk's pages, until it is closed. */
  remember(reply: FastifyReply, name: string, value: string): void;
  /** Whether the form's token is this session's own and recent. */
  tokenHolds(subject: string, token: unknown): boolean;
}

/** The style sheet of each page beside the common one, below `/assets/desk/`. */
const styles: Readonly<Partial<Record<Section, string>>> = {
  queue: 'queue',
  search: 'queue',
  callbacks: 'queue',
  case: 'case',
  directory: 'directory',
  flows: 'flows',
  incidents: 'incidents',
  hotlines: 'hotlines',
  'routing-rules': 'hotlines',
};

const flashCookie = 'desk_flash';
const flashSeconds = 60;

/** The subject of the tokens of an agent's forms. */
export function tokenSubject(agent: Pick<AgentIdentity, 'sessionId'>): string {
  return `desk ${agent.sessionId}`;
}

/** The subject of the sign-in form's token: nobody is known yet, the browser's own `Origin` does the rest. */
export const signInSubject = 'desk sign-in';

export function deskPages(deps: Dependencies): DeskPages {
  const { config, clock, texts, views } = deps;
  const tokens = formTokens(config.secrets, clock);
  const secure = config.publicUrl.startsWith('https:');
  const cookie = { path: '/desk', httpOnly: true, sameSite: 'lax', secure } as const;

  function takeFlash(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const given = request.cookies[flashCookie];
    if (given === undefined) return undefined;
    reply.clearCookie(flashCookie, { path: cookie.path });
    const { valid, value } = request.unsignCookie(given);
    const [code, number] = valid ? value.split(' ') : [];
    const known = flashCodes.find((each) => each === code);
    return known && texts.say(languageOf(request), `desk.done.${known}`, { number });
  }

  return {
    send(request, reply, { name, section, title, data, status = 200, ...page }, agent) {
      const language = languageOf(request);
      const path = page.path ?? (request.method === 'GET' ? request.url : '/desk');
      return reply
        .status(status)
        .type('text/html; charset=utf-8')
        .send(
          views.page(
            `desk/${name}`,
            language,
            {
              agent,
              section,
              style: styles[section],
              title,
              presences,
              path,
              otherLanguagePath: withLanguage(path, texts.say(language, 'desk.otherLanguage.lang')),
              token: tokens.make(agent ? tokenSubject(agent) : signInSubject),
              flash: takeFlash(request, reply),
              now: clock.now().toISOString(),
              ...data,
            },
            'desk',
          ),
        );
    },
    done(reply, path, flash) {
      if (flash) {
        const value = [flash.code, flash.number ?? ''].join(' ').trim();
        reply.setCookie(flashCookie, value, { ...cookie, signed: true, maxAge: flashSeconds });
      }
      return reply.redirect(path, 303);
    },
    remember: (reply, name, value) => void reply.setCookie(name, value, cookie),
    tokenHolds: (subject, token) => tokens.check(subject, token) === 'ok',
  };
}

/**
 * The path of a page of the desk that a form or address names, for a redirect; `/desk` for anything else, so that
 * nobody is led to another site.
 */
export function ownPath(path: unknown): string {
  if (typeof path !== 'string') return '/desk';
  // No host can hide in there: one slash, then the characters of our own addresses only.
  return /^\/desk(\/[\w/-]*)?(\?[\w=&%.~+-]*)?$/.test(path) ? path : '/desk';
}

function withLanguage(path: string, language: string): string {
  const [place = path, given] = path.split('?');
  const query = new URLSearchParams(given);
  query.set('lang', language);
  return `${place}?${query}`;
}
