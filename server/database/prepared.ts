import type { Database } from './client.ts';

/**
 * Makes a statement once for each database it is asked for, and each `shape` of it, rather than at every call: what
 * building the SQL costs on a hot path exceeds what PostgreSQL needs to run it. A transaction gets a statement of its
 * own. Shapes are plain data, few in number.
 */
export function preparedOnce<Statement, Shape = void>(
  prepare: (db: Database, shape: Shape) => Statement,
): (db: Database, shape: Shape) => Statement {
  const prepared = new WeakMap<Database, Map<string, Statement>>();
  return (db, shape) => {
    const statements = prepared.get(db) ?? new Map<string, Statement>();
    prepared.set(db, statements);
    const key = JSON.stringify(shape) ?? '';
    let statement = statements.get(key);
    if (statement === undefined) {
      statement = prepare(db, shape);
      statements.set(key, statement);
    }
    return statement;
  };
}
