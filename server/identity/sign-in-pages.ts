import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { type FormTokens, formTokens } from '../http/form-tokens.ts';
import { sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { ownPath, switchOf } from './records-pages.ts';
import type { FailureKind } from './sign-in-failure.ts';

/** The subject of the token of the forms of whoever is not signed in: the browser's own `Origin` does the rest. */
export const failureSubject = 'sign-in failure';

/** What the status of the page says of each failure. */
const statuses: Readonly<Record<FailureKind, number>> = {
  refused: 403,
  expired: 403,
  level: 403,
  nobody: 403,
  'issuer-down': 503,
  'too-slow': 504,
  'attempt-over': 400,
  'invalid-answer': 400,
};

export interface ShownFailure {
  readonly issuer: string;
  readonly kind: FailureKind;
  readonly returnTo: string;
}

export interface SignInPages {
  readonly tokens: FormTokens;
  /** The ways in, with what was said before (`fin`). */
  sendSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply;
  /** What went wrong, in plain words, and the door to the wizard. */
  sendFailure(request: FastifyRequest, reply: FastifyReply, failure: ShownFailure): FastifyReply;
}

export function signInPages({ config, clock, texts, views, identity }: Dependencies): SignInPages {
  const tokens = formTokens(config.secrets, clock);
  return {
    tokens,
    sendSignIn(request, reply) {
      const language = languageOf(request);
      const { return_to, fin } = request.query as { readonly return_to?: unknown; readonly fin?: unknown };
      const returnTo = ownPath(return_to);
      const ended = { partout: 'identity.sign_in.signed_out', ici: 'identity.sign_in.signed_out_here' };
      const said = fin === 'partout' || fin === 'ici' ? ended[fin] : undefined;
      const data = {
        page: 'sign-in',
        private: true,
        title: texts.say(language, 'identity.sign_in.title'),
        notices: said ? [{ kind: 'success', text: texts.say(language, said) }] : [],
        ways: identity.issuers.all.map(({ settings }) => ({ key: settings.key })),
        returnToEncoded: encodeURIComponent(returnTo),
        languageSwitch: switchOf(`/connexion?return_to=${encodeURIComponent(returnTo)}`),
      };
      return sendPage(reply, views.page('identity/sign-in', language, data));
    },
    sendFailure(request, reply, { issuer, kind, returnTo }) {
      const language = languageOf(request);
      const returnToEncoded = encodeURIComponent(returnTo);
      const data = {
        page: 'sign-in',
        private: true,
        title: texts.say(language, 'identity.failed.title'),
        failure: kind,
        issuer,
        token: tokens.make(failureSubject),
        returnToEncoded,
        // The answer of the issuer is in this page's address, and holds once: the switch leads to the sign-in.
        languageSwitch: switchOf(`/connexion?return_to=${returnToEncoded}`),
      };
      return sendPage(reply.status(statuses[kind]), views.page('identity/failed', language, data));
    },
  };
}
