import * as oidc from 'openid-client';
import { describe, expect, it } from 'vitest';
import { currentFlow } from '../wizard/registry.ts';
import { answered, replay } from '../wizard/replay.ts';
import { diagnosisOf, failureKinds, failureOf, SignInFailure } from './sign-in-failure.ts';
import { isLevelEnough } from './sign-in-professional.ts';

describe('the diagnosis of a failed sign-in', () => {
  it.each(failureKinds.flatMap((kind) => (['psc', 'amelipro'] as const).map((issuer) => ({ kind, issuer }))))(
    'of $kind by $issuer begins with answers that the wizard takes, each where it stands',
    ({ kind, issuer }) => {
      let trail: Parameters<typeof replay>[1] = [];
      for (const answer of diagnosisOf(kind, issuer)) {
        expect(answer.node).toBe(replay(currentFlow, trail).nodeId);
        trail = answered(currentFlow, trail, answer) ?? [];
      }
      const reached = replay(currentFlow, trail);
      expect(reached.problem).toBeUndefined();
      expect(reached.facts.way).toBe(issuer === 'psc' ? 'ecps' : 'card');
    },
  );
});

describe('the kind of a failure', () => {
  const answer = (error: string, description = '') =>
    new oidc.AuthorizationResponseError('refused', {
      cause: new URLSearchParams({ error, error_description: description }),
    });

  it.each([
    [answer('access_denied'), 'refused'],
    [answer('login_required'), 'refused'],
    [answer('access_denied', 'Votre e-CPS a expiré : expired'), 'expired'],
    [answer('access_denied', 'Timed out'), 'too-slow'],
    [answer('access_denied', 'login timeout'), 'too-slow'],
    [answer('server_error'), 'issuer-down'],
    [answer('temporarily_unavailable', 'expired'), 'issuer-down'],
    [answer('unmet_authentication_requirements'), 'level'],
    [answer('invalid_request'), 'invalid-answer'],
    [new SignInFailure('nobody'), 'nobody'],
    [new DOMException('too long', 'TimeoutError'), 'too-slow'],
    [new Error('x', { cause: new DOMException('too long', 'TimeoutError') }), 'too-slow'],
    [new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), 'issuer-down'],
    [new Error('anything'), 'invalid-answer'],
    ['not an error', 'invalid-answer'],
  ])('of %s is %s', (error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
  });
});

describe('the level', () => {
  it.each([
    ['eidas1', true],
    ['eidas2', true],
    ['eidas3', true],
    ['eidas0', false],
    ['eidas', false],
    ['EIDAS1', false],
    [undefined, false],
    [1, false],
  ])('%s is enough for eidas1: %s', (given, enough) => {
    expect(isLevelEnough(given, 'eidas1')).toBe(enough);
  });

  it('of another scheme must be the very one asked for', () => {
    expect(isLevelEnough('loa2', 'loa2')).toBe(true);
    expect(isLevelEnough('loa3', 'loa2')).toBe(false);
    expect(isLevelEnough('eidas1', 'eidas2')).toBe(false);
  });
});
