import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, interactionPolicy, Provider } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';
import type { Views } from '#server/views.ts';
import { sampleProfessionals } from './sample-professionals.ts';
import { choicePage, errorPage, isWayToFail, signOutPage, waysToFail } from './wallet-pages.ts';

export interface MountedIssuer {
  /** Its addresses begin with this. */
  readonly prefix: string;
  readonly environment: Readonly<Record<string, string>>;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const level = 'eidas1';
const levelTooLow = 'eidas0';
const standardDiscovery = '/.well-known/openid-configuration';
const walletDiscovery = '/.well-known/wallet-openid-configuration';

/** A form of these pages is a few letters. */
const maxFormBytes = 4096;

/** One issuer below `/<key>` of the provider, with our site as its only client. */
export function mountIssuer(options: {
  readonly key: 'psc' | 'amelipro';
  readonly origin: string;
  readonly publicUrl: string;
  readonly views: Views;
  readonly accessTokenSeconds: number;
}): MountedIssuer {
  const { key, origin, publicUrl, views, accessTokenSeconds } = options;
  const prefix = `/${key}`;
  const issuer = origin + prefix;
  const client = { id: 'aiguillage', secret: randomBytes(24).toString('base64url') };
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(0),
    acrValues: [level],
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${publicUrl}/auth/${key}/callback`],
        post_logout_redirect_uris: [`${publicUrl}/connexion?fin=partout`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    scopes: ['openid', 'scope_all'],
    claims: {
      openid: ['sub'],
      acr: null,
      scope_all: [
        'SubjectNameID',
        'SubjectOrganization',
        'SubjectRole',
        'SubjectRefPro',
        'Secteur_Activite',
        'PSI_Locale',
        'given_name',
        'family_name',
        'otherIds',
      ],
    },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: 30 * 60,
      Session: 4 * 3600,
      Grant: 4 * 3600,
      Interaction: 600,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: Context & { get(header: string): string }, form: string) => {
          context.body = signOutPage(views, context.get('accept-language'), form);
        },
      },
    },
    renderError: (context: Context & { get(header: string): string }, out: { readonly error: string }) => {
      context.type = 'html';
      context.body = errorPage(views, context.get('accept-language'), out.error);
    },
    interactions: {
      policy: policy(),
      url: (_: Context, { uid }: { readonly uid: string }) => `${prefix}/interaction/${uid}`,
    },
    clientBasedCORS: () => false,
    findAccount: (_: Context, sub: string) => {
      const found = sampleProfessionals.find(({ id }) => id === sub);
      return found && { accountId: sub, claims: () => ({ sub, ...found.claims }) };
    },
    // The professional has agreed to be known by using their card: nothing more is asked.
    loadExistingGrant: async ({ oidc }: Context) => {
      const known = oidc.session.grantIdFor(oidc.client.clientId);
      const { accountId } = oidc.session;
      if (known) return oidc.provider.Grant.find(known);
      if (!accountId) return undefined;
      const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope('openid scope_all');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const wellKnown = key === 'psc' ? walletDiscovery : standardDiscovery;

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { uid } = await provider.interactionDetails(request, response);
      if (request.method !== 'POST') {
        const page = choicePage(views, {
          acceptLanguage: request.headers['accept-language'],
          action: `${prefix}/interaction/${uid}`,
          key,
        });
        return sendPage(response, 200, page);
      }
      const form = await readForm(request);
      const fail = form.get('fail') ?? '';
      const who = form.get('who') ?? sampleProfessionals[0]?.id;
      const error = isWayToFail(fail) ? waysToFail[fail] : undefined;
      const login = { accountId: who, acr: fail === 'level' ? levelTooLow : level };
      return await provider.interactionFinished(request, response, error ?? { login });
    } catch {
      // The page was open for too long, or in another browser.
      sendPage(response, 400, errorPage(views, request.headers['accept-language'], 'interaction'));
    }
  }

  return {
    prefix,
    environment: {
      [`${key.toUpperCase()}_ISSUER`]: issuer,
      [`${key.toUpperCase()}_WELL_KNOWN`]: wellKnown,
      [`${key.toUpperCase()}_CLIENT_ID`]: client.id,
      [`${key.toUpperCase()}_CLIENT_SECRET`]: client.secret,
    },
    async handle(request, response) {
      const path = request.url ?? prefix;
      if (path.startsWith(`${prefix}/interaction/`)) return interact(request, response);
      const inside = path.slice(prefix.length);
      const discovers = inside === standardDiscovery || inside === walletDiscovery;
      // As at Pro Santé Connect: whoever asks at the standard address is told that there is nothing.
      if (discovers && inside !== wellKnown) return void response.writeHead(404).end();
      // The provider learns from the two addresses where it is mounted.
      Object.assign(request, { originalUrl: prefix + (discovers ? standardDiscovery : inside) });
      request.url = discovers ? standardDiscovery : inside;
      await answer(request, response);
    },
  };
}

/** Whoever came in at too low a level is asked again, rather than let in at it for four hours. */
function policy() {
  const prompts = interactionPolicy.base();
  prompts
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'level_too_low',
        'signed in at a level too low',
        ({ oidc }) => oidc.session.acr === levelTooLow && !oidc.result?.login,
      ),
    );
  return prompts;
}

function signingKey(): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: randomBytes(8).toString('hex'),
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > maxFormBytes) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(html);
}
