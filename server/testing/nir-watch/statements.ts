import type pg from 'pg';
import type { NirWatch } from './watch.ts';

/**
 * Searches every statement that a pool sends, with its values, so that what was deleted before the end of a file was
 * searched too: nothing is stored, or asked for, by a NIR that is not sealed or indexed.
 */
export function watchStatements(pool: pg.Pool, watch: NirWatch): void {
  pool.on('connect', (client) => {
    // All overloads at once: it is called as it was.
    const query = client.query.bind(client) as (...all: readonly unknown[]) => unknown;
    const watched = (...all: readonly unknown[]) => {
      const [statement, values] = all;
      const config: { readonly text?: unknown; readonly values?: unknown } = Object(statement);
      const text = String(typeof statement === 'string' ? statement : (config.text ?? ''));
      watch.look('the text of a statement', text);
      for (const part of [...partsOf(values), ...partsOf(config.values)])
        watch.look(`a value of “${text.slice(0, 80).replace(/\s+/g, ' ')}…”`, part);
      return query(...all);
    };
    Object.assign(client, { query: watched });
  });
}

/** The texts of which a value consists: of an array its entries, of bytes their characters, of an object its JSON. */
function* partsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number' || typeof value === 'bigint') yield String(value);
  else if (value instanceof Uint8Array) yield Buffer.from(value).toString('latin1');
  else if (Array.isArray(value)) for (const each of value) yield* partsOf(each);
  else if (typeof value === 'object' && value !== null) yield JSON.stringify(value);
}
