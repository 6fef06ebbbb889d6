import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/client.ts';
import { configuredIssuers, type Issuers } from './issuers.ts';
import { type RightsCache, rightsCache } from './load-rights.ts';

/** What the records half knows of professionals before anybody asks. */
export interface Identity {
  /** By which issuers professionals can sign in. */
  readonly issuers: Issuers;
  /** Who may do what, without a query on the hot path. */
  readonly rights: RightsCache;
  /** How long a delegation that is over still opens the records, in days. */
  readonly lateEntryDays: number;
}

/** The issuers of the configuration, and the rights, loaded again after `rightsMaxAgeMs`. No network yet. */
export function identityOf(options: {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: { error(data: object, message: string): void };
  readonly rightsMaxAgeMs: number;
}): Identity {
  const { config, db, clock, log, rightsMaxAgeMs } = options;
  return {
    issuers: configuredIssuers(config),
    rights: rightsCache({ db, clock, log, maxAgeMs: rightsMaxAgeMs }),
    lateEntryDays: config.records.lateEntryDays,
  };
}
