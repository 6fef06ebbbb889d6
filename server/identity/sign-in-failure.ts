import * as oidc from 'openid-client';

/** Why a sign-in did not succeed; its words are `identity.failures.<kind>`. */
export const failureKinds = [
  'refused',
  'expired',
  'level',
  'issuer-down',
  'too-slow',
  'attempt-over',
  'invalid-answer',
  'nobody',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** A sign-in that did not succeed, with why. */
export class SignInFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, options?: ErrorOptions) {
    super(`sign-in: ${kind}`, options);
    this.name = 'SignInFailure';
    this.kind = kind;
  }
}

/** What went wrong while the issuer was spoken with, by its kind; nothing else is to be given to it. */
export function failureOf(error: unknown): SignInFailure {
  if (error instanceof SignInFailure) return error;
  return new SignInFailure(kindOf(error), { cause: error });
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof oidc.AuthorizationResponseError) {
    return kindOfAnswer(error.error, error.error_description ?? '');
  }
  if (isTimeout(error)) return 'too-slow';
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500 ? 'issuer-down' : 'invalid-answer';
  if (isUnreachable(error)) return 'issuer-down';
  return 'invalid-answer';
}

/**
 * The errors of RFC 6749 and OpenID Connect by their codes. No code says that an e-CPS has expired, or that a confirmation
 * did not arrive: issuers write it in the description.
 */
function kindOfAnswer(code: string, description: string): FailureKind {
  if (code === 'server_error' || code === 'temporarily_unavailable') return 'issuer-down';
  if (code === 'unmet_authentication_requirements') return 'level';
  if (/expir/i.test(description)) return 'expired';
  if (/time.?out|timed out|trop tard|délai/i.test(description)) return 'too-slow';
  if (code === 'access_denied' || code === 'login_required' || code === 'interaction_required')
    return 'refused';
  return 'invalid-answer';
}

function isTimeout(error: unknown): boolean {
  return chain(error).some((each) => each.name === 'TimeoutError' || codeOf(each) === 'OAUTH_TIMEOUT');
}

/** Nothing of HTTP came back, or something that is not the issuer: a proxy's page. */
function isUnreachable(error: unknown): boolean {
  return chain(error).some(
    (each) =>
      each instanceof TypeError ||
      /^(ECONN|ENOTFOUND|EAI_|UND_ERR)/.test(codeOf(each)) ||
      codeOf(each) === 'OAUTH_RESPONSE_IS_NOT_CONFORM' ||
      codeOf(each) === 'OAUTH_RESPONSE_IS_NOT_JSON',
  );
}

function chain(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : [];
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Where the wizard begins for it: the answers that the error has given already, each `node` and `answer` of its flow.
 * Nothing about the person.
 */
export function diagnosisOf(
  kind: FailureKind,
  issuer: 'psc' | 'amelipro',
): readonly { readonly node: string; readonly answer: string }[] {
  const byCard = issuer === 'amelipro';
  const way = { node: 'way', answer: byCard ? 'card' : 'ecps' };
  const problem = (answer: string) => ({ node: 'problem', answer });
  const access = (answer: string) => [way, problem('access'), { node: 'access_trouble', answer }];
  const app = (answer: string) =>
    byCard ? [way, problem('card')] : [way, problem('app'), { node: 'app_trouble', answer }];
  switch (kind) {
    case 'refused':
    case 'too-slow':
      return app('fails');
    case 'expired':
      return app('expired');
    case 'issuer-down':
      return [way, problem('everyone')];
    case 'level':
    case 'nobody':
      return access('signed_in');
    case 'attempt-over':
    case 'invalid-answer':
      return access('page');
  }
}
