import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { formField, registerForms } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { answerSession, startSession } from '../wizard/sessions.ts';
import { ownPath } from './records-pages.ts';
import { findProfessional } from './require-professional.ts';
import { diagnosisOf, failureKinds } from './sign-in-failure.ts';
import { failureSubject, signInPages } from './sign-in-pages.ts';

/** As many diagnoses as the wizard's own start allows an address. */
const diagnoses = { max: 600, timeWindow: '10 minutes' };

/** The page of the ways in, and the door from a failed sign-in to the wizard. */
export async function signInRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, identity } = deps;
  const pages = signInPages(deps);

  app.get('/connexion', async (request, reply) => {
    const { return_to } = request.query as { readonly return_to?: unknown };
    if (await findProfessional(request, deps)) return reply.redirect(ownPath(return_to), 303);
    return pages.sendSignIn(request, reply);
  });

  /**
   * Here the two halves meet, and only here: the wizard begins with the answers that the error has given, which are the
   * first of its trail, and of the case's. Nothing about who tried to sign in crosses: it is not even known here.
   */
  app.post('/connexion/diagnostic', { config: { rateLimit: diagnoses } }, async (request, reply) => {
    if (pages.tokens.check(failureSubject, formField(request.body, 'token')) !== 'ok')
      return reply.redirect('/', 303);
    const kind = failureKinds.find((each) => each === formField(request.body, 'failure'));
    const issuer = identity.issuers.find(formField(request.body, 'issuer') ?? '');
    if (!kind || !issuer) throw new Problem(400, 'bad-request');
    const now = clock.now();
    const { session } = await startSession(db, languageOf(request), now);
    for (const answer of diagnosisOf(kind, issuer.settings.key)) {
      await answerSession(db, session.id, answer, now);
    }
    return reply.redirect(`/diagnostic/${session.id}`, 303);
  });
}
