import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { asProblem } from '../http/error-handling.ts';
import type { FormTokens } from '../http/form-tokens.ts';
import { formField } from '../http/forms.ts';
import type { WishSent } from '../incidents/incident-boxes.ts';
import { subscribe } from '../incidents/subscribe.ts';
import { subscriptionLimit } from '../incidents/subscription-limit.ts';
import { checkEmail } from '../mail/email-address.ts';
import { Problem } from '../problem.ts';
import type { Language } from '../texts.ts';
import type { Notice } from './question-page.ts';

/** A page of the wizard that takes wishes to be told when an incident is over. */
interface WishPage {
  /** Its own address, where a wish is sent with `/prevenir` behind. */
  readonly path: string;
  /** What the page's form token is bound to, and its language. */
  find(request: FastifyRequest): Promise<{
    readonly subject: string;
    readonly language: Language;
    readonly address: string;
  }>;
  /** The same page again, with what was typed and why it was not taken. */
  show(
    request: FastifyRequest,
    reply: FastifyReply,
    wish: WishSent,
    notices: readonly Notice[],
  ): FastifyReply | Promise<FastifyReply>;
}

/** "Warn me when it is over" on a page of the wizard: one field, no script, and nothing typed is lost. */
export function takeWishes(
  app: FastifyInstance,
  deps: Dependencies,
  tokens: FormTokens,
  { path, find, show }: WishPage,
): void {
  const { db, clock, doorbell, texts } = deps;
  app.post(
    `${path}prevenir`,
    {
      config: { rateLimit: subscriptionLimit },
      errorHandler: async (error, request, reply) => {
        const problem = asProblem(error);
        if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
        if (problem.statusCode === 404) throw error;
        const { language } = await find(request);
        const say = (key: string) => texts.say(language, key);
        const [field] = problem.errors;
        const wish = { incidentId: incidentIdOf(request.body), typed: formField(request.body, 'email') };
        const status = reply.status(problem.statusCode);
        if (field) return show(request, status, { ...wish, error: say(field.key) }, []);
        const text = say(`problems.${problem.code}.detail`);
        return show(request, status, wish, [{ kind: 'danger', alert: true, text }]);
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { subject, language, address } = await find(request);
      if (tokens.check(subject, formField(body, 'token')) !== 'ok') throw new Problem(403, 'stale-form');
      const email = checkEmail(formField(body, 'email') ?? '');
      if ('problem' in email) {
        throw new Problem(422, 'invalid', { errors: [{ path: '/email', key: email.problem }] });
      }
      const incidentId = incidentIdOf(body);
      if (await subscribe(db, { incidentId, email: email.value, language }, clock.now())) doorbell.ring();
      return reply.redirect(`${address}prevenu=${incidentId}`, 303);
    },
  );
}

/** The incident that a form names; 0, which is nobody's, when it names none. */
function incidentIdOf(body: unknown): number {
  const id = formField(body, 'incident') ?? '';
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0;
}
