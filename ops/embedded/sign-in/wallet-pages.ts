import { preferredLanguage } from '#server/texts.ts';
import type { Views } from '#server/views.ts';
import { sampleProfessionals } from './sample-professionals.ts';

/** How a sign-in can be made to fail, and what the issuer then answers; the texts are `identity.wallet.ways.<id>`. */
export const waysToFail = {
  refused: { error: 'access_denied', error_description: 'refused by the user' },
  expired: { error: 'access_denied', error_description: 'the e-CPS has expired' },
  timeout: { error: 'access_denied', error_description: 'timed out: no confirmation from the phone' },
  down: { error: 'temporarily_unavailable', error_description: 'the wallet is out of service' },
  /** Signs the first of the list in, at a level too low. */
  level: undefined,
} as const;

export type WayToFail = keyof typeof waysToFail;

export function isWayToFail(value: string): value is WayToFail {
  return Object.hasOwn(waysToFail, value);
}

/** The page on which one chooses who signs in, or how it fails. */
export function choicePage(
  views: Views,
  given: { readonly acceptLanguage: string | undefined; readonly action: string; readonly key: string },
): string {
  return views.page(
    'identity/wallet',
    preferredLanguage(given.acceptLanguage),
    {
      action: given.action,
      key: given.key,
      people: sampleProfessionals.map(({ id, claims }) => ({
        id,
        name: `${claims.given_name} ${claims.family_name}`,
        identifier: claims.SubjectNameID,
      })),
      ways: Object.keys(waysToFail),
    },
    'wallet',
  );
}

/** Signing out, which a browser with scripts does by itself, as the real issuer does. `form` is the provider's own. */
export function signOutPage(views: Views, acceptLanguage: string | undefined, form: string): string {
  return views.page('identity/wallet-sign-out', preferredLanguage(acceptLanguage), { form }, 'wallet');
}

/** What the provider refuses to go on with: an old page, an address that is not ours. */
export function errorPage(views: Views, acceptLanguage: string | undefined, error: string): string {
  return views.page('identity/wallet-error', preferredLanguage(acceptLanguage), { error }, 'wallet');
}
