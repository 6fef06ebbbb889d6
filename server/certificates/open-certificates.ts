import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/client.ts';
import { type KeyStore, keyStore } from './keys/key-store.ts';
import { type DocumentPool, documentPool } from './pool/document-pool.ts';

/** With what a process issues and verifies: one of each, whoever uses them. */
export interface Certificates {
  readonly keys: KeyStore;
  readonly pool: DocumentPool;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** How soon an imported signer counts. */
const trustMaxAgeMs = 30_000;
/** How many tasks may wait for a thread: beyond it, callers are asked to come back. */
const maxWaiting = 40;

/** Opens the keys and the pool of threads of a process. */
export function openCertificates(deps: {
  readonly db: Database;
  readonly config: Config;
  readonly clock: Clock;
}): Certificates {
  const keys = keyStore({ ...deps, maxAgeMs: trustMaxAgeMs });
  const pool = documentPool({ maxWaiting });
  return { keys, pool, close: () => pool.close() };
}
