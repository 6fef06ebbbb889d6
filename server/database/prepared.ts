import type { Database } from './client.ts';

/**
 * Makes a statement once for each database it is asked for, rather than at every call: what building the SQL
 * costs on a hot path exceeds what PostgreSQL needs to run it. A transaction gets a statement of its own.
 */
export function preparedOnce<Statement>(prepare: (db: Database) => Statement): (db: Database) => Statement {
  const prepared = new WeakMap<Database, Statement>();
  return (db) => {
    let statement = prepared.get(db);
    if (statement === undefined) {
      statement = prepare(db);
      prepared.set(db, statement);
    }
    return statement;
  };
}
