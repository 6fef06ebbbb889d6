import { createHash } from 'node:crypto';

/**
 * The variables of whatever is kept under a key in the embedded database, made from the secret of its data folder: the
 * database's own address, from which an installation for trying makes them otherwise, has another port at each start.
 * What the environment gives counts first.
 */
export function keptKeys(
  secret: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<'SECRETS' | 'RECORDS_KEYS' | 'RECORDS_INDEX_KEYS', string>> {
  const key = (name: string) => createHash('sha256').update(`${name}\0${secret}`).digest('base64');
  const given = (name: string) => environment[name]?.trim() || undefined;
  return {
    SECRETS: given('SECRETS') ?? secret,
    RECORDS_KEYS: given('RECORDS_KEYS') ?? `kept:${key('RECORDS_KEYS')}`,
    RECORDS_INDEX_KEYS: given('RECORDS_INDEX_KEYS') ?? `kept:${key('RECORDS_INDEX_KEYS')}`,
  };
}
