import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asUnprivileged, reachablePath } from './unprivileged.ts';

/**
 * The connection string of a database of the cluster that another process of ours runs in `directory`, without
 * touching it; undefined when none runs there.
 */
export function findRunningPostgres(directory: string, database: string): string | undefined {
  const place = reachablePath(directory, asUnprivileged());
  try {
    // Fourth line of the file that PostgreSQL keeps while it runs: its port.
    const port = readFileSync(join(place, 'cluster/postmaster.pid'), 'utf8').split('\n')[3]?.trim();
    const password = readFileSync(join(place, 'password'), 'utf8').trim();
    return port ? `postgres://postgres:${password}@127.0.0.1:${port}/${database}` : undefined;
  } catch {
    return undefined;
  }
}
