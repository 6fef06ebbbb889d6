import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { closeSession } from '../agents/agent-sessions.ts';
import { clearSessionCookie, findAgent, signInByCookie } from '../agents/require-agent.ts';
import { signInLimits } from '../agents/sign-in-limits.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import type { ShowAgain } from './desk.routes.ts';
import { type DeskPages, ownPath, signInSubject, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';

const maxEmailLength = 254;
const maxPasswordLength = 200;

type Field = 'email' | 'password';

/** The pages by which an agent signs in and out: `/desk/connexion`, `/desk/deconnexion`. */
export async function signInRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
): Promise<void> {
  const { db, clock, doorbell } = deps;
  const limit = signInLimits(app);
  const show = signInPage(deps, pages);

  app.get('/desk/connexion', async (request, reply) => {
    const { next, fin } = request.query as { readonly next?: unknown; readonly fin?: unknown };
    if (await findAgent(request, deps)) return reply.redirect(ownPath(next), 303);
    return show(request, reply, {
      next: ownPath(next),
      ...(fin !== undefined && { notice: 'desk.signIn.sessionEnded' }),
    });
  });

  const showAgain: ShowAgain = (request, reply, { statusCode, code }) =>
    show(request, reply, {
      status: statusCode,
      email: textField(request.body, 'email'),
      next: ownPath(textField(request.body, 'next')),
      errors: [{ key: `problems.${code}.detail` }],
    });

  app.post('/desk/connexion', { config: { showAgain } }, async (request, reply) => {
    const email = textField(request.body, 'email').trim();
    const password = textField(request.body, 'password');
    const next = ownPath(textField(request.body, 'next'));
    const again = (status: number, ...errors: readonly FieldError[]) =>
      show(request, reply, { status, email, next, errors });

    if (!pages.tokenHolds(signInSubject, textField(request.body, 'token')))
      throw new Problem(403, 'stale-form');
    const missing: FieldError[] = [];
    if (email === '' || email.length > maxEmailLength)
      missing.push({ field: 'email', key: 'desk.errors.email' });
    if (password === '' || password.length > maxPasswordLength) {
      missing.push({ field: 'password', key: 'desk.errors.password' });
    }
    if (missing.length > 0) return again(422, ...missing);
    try {
      await limit(request);
      await signInByCookie(request, reply, { email, password }, deps);
    } catch (error) {
      if (!(error instanceof Problem) || error.statusCode !== 401) throw error;
      return again(422, { field: 'password', key: 'desk.errors.credentials' });
    }
    return pages.done(reply, next);
  });

  app.post('/desk/deconnexion', async (request, reply) => {
    const agent = await findAgent(request, deps);
    if (!agent) return pages.done(reply, '/desk/connexion');
    // Signed out against one's will is a nuisance, no more: but the form's token says who asked.
    if (!pages.tokenHolds(tokenSubject(agent), textField(request.body, 'token')))
      return reply.redirect('/desk', 303);
    await closeSession(db, agent, clock.now());
    doorbell.ring();
    clearSessionCookie(reply, deps);
    return pages.done(reply, '/desk/connexion', { code: 'signedOut' });
  });
}

interface FieldError {
  readonly field?: Field;
  readonly key: string;
}

export interface SignInPage {
  readonly status?: number;
  readonly email?: string;
  readonly next?: string;
  /** Key of a sentence above the form. */
  readonly notice?: string;
  /** What was typed in another form when the session had ended, to be copied. */
  readonly kept?: string | undefined;
  readonly errors?: readonly FieldError[];
}

/** Shows the sign-in page, also in the place of a page whose session has ended. */
export function signInPage({ texts }: Pick<Dependencies, 'texts'>, pages: DeskPages) {
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    { email = '', next = '/desk', errors = [], kept, ...page }: SignInPage,
  ): FastifyReply => {
    const language = languageOf(request);
    const said = errors.map(({ field, key }) => ({
      ...(field && { field }),
      message: texts.say(language, key),
    }));
    return pages.send(request, reply, {
      name: 'sign-in',
      section: 'sign-in',
      title: texts.say(language, 'desk.signIn.title'),
      status: page.status ?? 200,
      path: next === '/desk' ? '/desk/connexion' : `/desk/connexion?next=${encodeURIComponent(next)}`,
      data: {
        next,
        notice: page.notice && texts.say(language, page.notice),
        kept,
        typed: { email },
        errors: said,
        fields: Object.fromEntries(said.flatMap(({ field, message }) => (field ? [[field, message]] : []))),
      },
    });
  };
}
