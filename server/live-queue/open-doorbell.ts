import type { Config } from '../config.ts';
import type { Log } from '../logging.ts';
import { type Doorbell, postgresDoorbell } from './doorbell.ts';
import { redisDoorbell } from './redis-doorbell.ts';

/** The doorbell of this installation: Redis when there is one, otherwise the database's NOTIFY. */
export async function openDoorbell(
  { redisUrl, databaseUrl }: Pick<Config, 'redisUrl' | 'databaseUrl'>,
  log: Pick<Log, 'warn'>,
): Promise<Doorbell> {
  const onError = (err: Error) => log.warn({ err }, 'the doorbell is not heard');
  if (redisUrl !== undefined) return redisDoorbell(redisUrl, { onError });
  if (databaseUrl !== undefined) return postgresDoorbell(databaseUrl, { onError });
  throw new Error('neither a Redis nor a PostgreSQL to carry the doorbell');
}
