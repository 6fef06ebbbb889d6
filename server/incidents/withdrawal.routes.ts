import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { formTokens } from '../http/form-tokens.ts';
import { askedLanguage, formField, registerForms, sendPage } from '../http/forms.ts';
import { Problem } from '../problem.ts';
import { findSubscription, unsubscribe } from './subscribe.ts';
import { subscriptionLimit } from './subscription-limit.ts';

interface WithdrawalRequest {
  Params: { readonly token: string };
}

/** Where whoever asked to be told takes their address back, by the secret link of the mail. A GET changes nothing. */
export async function withdrawalRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, config, db, doorbell, texts, views } = deps;
  const tokens = formTokens(config.secrets, clock);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  async function send(request: FastifyRequest, reply: FastifyReply, token: string, refused?: Problem) {
    const found = await findSubscription(db, token);
    if (!found) throw new Problem(404, 'no-such-subscription');
    const language = askedLanguage(request) ?? found.language;
    const html = views.page('incidents/withdrawal', language, {
      page: 'incident',
      private: true,
      title: texts.say(language, 'incidents.withdrawal.title'),
      address: addressOf(token),
      token: tokens.make(subjectOf(token)),
      done: !found.noted,
      errors: refused && [{ message: refused.describe(texts, language).detail }],
    });
    return sendPage(reply.status(refused?.statusCode ?? 200), html);
  }

  app.get<WithdrawalRequest>('/incidents/abonnement/:token', async (request, reply) =>
    send(request, reply, request.params.token),
  );
  // Where the button led, when the address is opened again.
  app.get<WithdrawalRequest>('/incidents/abonnement/:token/arret', async (request, reply) =>
    reply.redirect(addressOf(request.params.token), 303),
  );

  app.post<WithdrawalRequest>(
    '/incidents/abonnement/:token/arret',
    { config: { rateLimit: subscriptionLimit } },
    async (request, reply) => {
      const { token } = request.params;
      // A mail program's own button (RFC 8058) has the secret link, and can have no token.
      const oneClick = formField(request.body, 'List-Unsubscribe') === 'One-Click';
      if (!(await findSubscription(db, token))) throw new Problem(404, 'no-such-subscription');
      if (!oneClick && tokens.check(subjectOf(token), formField(request.body, 'token')) !== 'ok') {
        return send(request, reply, token, new Problem(403, 'stale-form'));
      }
      if (await unsubscribe(db, token, clock.now())) doorbell.ring();
      if (oneClick) return reply.status(200).type('text/plain').send('');
      return reply.redirect(addressOf(token), 303);
    },
  );
}

function addressOf(token: string): string {
  return `/incidents/abonnement/${encodeURIComponent(token)}`;
}

function subjectOf(token: string): string {
  return `incident-subscription:${token}`;
}
