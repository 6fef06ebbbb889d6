import type { Certificates } from './certificates/open-certificates.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './database/client.ts';
import type { Identity } from './identity/identity.ts';
import type { OpenIncidents } from './incidents/open-incidents.ts';
import type { Doorbell } from './live-queue/doorbell.ts';
import type { Log } from './logging.ts';
import type { RecordRulesCache } from './records/rules/load-rules.ts';
import type { ConfigurationCache } from './routing/load-configuration.ts';
import type { Texts } from './texts.ts';
import type { Views } from './views.ts';

/** Everything the server is made of, handed to `buildApp` and from there to every plugin of routes. */
export interface Dependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly db: Database;
  readonly texts: Texts;
  readonly views: Views;
  /** Hotlines, hours and routing rules, without a query on the hot path. */
  readonly routing: ConfigurationCache;
  /** What is going on, without a query on the hot path. */
  readonly incidents: OpenIncidents;
  /** Vaccines and dose rules, without a query on the hot path. */
  readonly recordRules: RecordRulesCache;
  /** Rung after a commit that changed a case. */
  readonly doorbell: Doorbell;
  /** By whom professionals sign in, and who may do what. */
  readonly identity: Identity;
  /** With what documents are issued and verified. */
  readonly certificates: Certificates;
  readonly log: Log;
}
