import { setTimeout as after } from 'node:timers/promises';
import * as oidc from 'openid-client';
import type { Config, IssuerSettings } from '../config.ts';

/** How long the issuer may take for one answer. */
const timeoutSeconds = 8;
/** What the issuer says of itself is asked again after this long: its keys and addresses change. */
const discoveryMaxAgeMs = 3_600_000;
/** How long the health check waits for it. */
const probeMs = 2000;
/** How long one look is believed by the health check. */
const stateMaxAgeMs = 30_000;

/** Somebody who says who a professional is: Pro Santé Connect, or the amelipro way in. */
export interface Issuer {
  readonly settings: IssuerSettings;
  /**
   * Its addresses and keys, discovered when first needed and remembered.
   * @throws Error of openid-client or of the network; the next call tries again.
   */
  discover(): Promise<oidc.Configuration>;
  /** Whether it answers, as of the last half minute. Never throws. */
  answers(): Promise<boolean>;
}

export interface Issuers {
  /** In the order in which they are offered. */
  readonly all: readonly Issuer[];
  find(key: string): Issuer | undefined;
}

/** The issuers of the configuration; nothing is asked of them yet: one that is down stops nobody from starting. */
export function configuredIssuers(config: Pick<Config, 'issuers'>): Issuers {
  const all = config.issuers.map(anIssuer);
  return { all, find: (key) => all.find(({ settings }) => settings.key === key) };
}

function anIssuer(settings: IssuerSettings): Issuer {
  let known: { readonly configuration: oidc.Configuration; readonly at: number } | undefined;
  let running: Promise<oidc.Configuration> | undefined;
  let looked: { readonly answered: boolean; readonly at: number } | undefined;

  async function ask(): Promise<oidc.Configuration> {
    try {
      const configuration = await oidc.discovery(
        new URL(settings.issuer + settings.wellKnown),
        settings.clientId,
        settings.clientSecret,
        undefined,
        {
          timeout: timeoutSeconds,
          // Only addresses without TLS that the configuration took: none in production.
          execute: settings.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
        },
      );
      // openid-client does not compare them when it is given the whole address.
      const { issuer } = configuration.serverMetadata();
      if (issuer !== settings.issuer) throw new Error(`the issuer calls itself ${issuer}`);
      known = { configuration, at: performance.now() };
      return configuration;
    } finally {
      running = undefined;
    }
  }

  function discover(): Promise<oidc.Configuration> {
    if (known && performance.now() - known.at < discoveryMaxAgeMs)
      return Promise.resolve(known.configuration);
    running ??= ask();
    return running;
  }

  return {
    settings,
    discover,
    async answers() {
      if (looked && performance.now() - looked.at < stateMaxAgeMs) return looked.answered;
      // A probe waits no longer than it is itself waited for: what hangs is down to whoever signs in.
      const tooSlow = after(probeMs, false, { ref: false });
      const answered = await Promise.race([
        ask().then(
          () => true,
          () => false,
        ),
        tooSlow,
      ]);
      looked = { answered, at: performance.now() };
      return answered;
    },
  };
}
