import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** A form left open longer than this must be sent again (with all that was typed). */
const lifetimeMs = 24 * 60 * 60 * 1000;

/**
 * Makes and checks the hidden token of HTML forms. It is bound to the form's subject (a wizard session, a
 * tracking link, an agent's session), so that no cookie is needed; an older secret still verifies.
 */
export interface FormTokens {
  make(subject: string): string;
  /** `expired` and `wrong` are told apart so that the page can say what to do; both refuse. */
  check(subject: string, token: unknown): 'ok' | 'expired' | 'wrong';
}

export function formTokens(secrets: readonly [string, ...string[]], clock: Clock): FormTokens {
  const sign = (secret: string, subject: string, stamp: string) =>
    createHmac('sha256', secret).update(`form\0${subject}\0${stamp}`).digest('base64url');
  return {
    make(subject) {
      const stamp = clock.now().getTime().toString(36);
      return `${stamp}.${sign(secrets[0], subject, stamp)}`;
    },
    check(subject, token) {
      if (typeof token !== 'string') return 'wrong';
      const [stamp = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature);
      const right = secrets.some((secret) => {
        const expected = Buffer.from(sign(secret, subject, stamp));
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
      if (!right) return 'wrong';
      const age = clock.now().getTime() - Number.parseInt(stamp, 36);
      return age >= 0 && age <= lifetimeMs ? 'ok' : 'expired';
    },
  };
}
