import { max } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { checkHotline, tidied } from './check-hotline.ts';
import { findHotline } from './configuration.ts';
import { editingConfiguration, recordChange } from './configuration-history.ts';
import { hotlines } from './hotlines.table.ts';
import { loadConfiguration } from './load-configuration.ts';
import type { HotlineEdit } from './save-hotline.ts';
import { columnsOf, writeHours } from './write-hotline.ts';

/** What addresses of the desk use in the place of a line's id. */
const reservedIds: ReadonlySet<string> = new Set(['new']);

/**
 * Adds a line, shown after the others; no rule leads to it yet.
 * @returns its first version.
 * @throws Problem 422 `invalid` with every field at fault, `/id` when it is taken.
 */
export async function addHotline(
  db: Database,
  { agent, id, ...edit }: Omit<HotlineEdit, 'version'>,
  now: Date,
): Promise<number> {
  const document = tidied(edit.document);
  return editingConfiguration(db, async (tx) => {
    const configuration = await loadConfiguration(tx);
    const taken = findHotline(configuration, id) !== undefined || reservedIds.has(id);
    const wellFormed = /^[a-z][a-z0-9-]{0,39}$/.test(id);
    const errors: readonly FieldProblem[] = [
      ...(wellFormed ? [] : [{ path: '/id', key: 'configuration.errors.id' }]),
      ...(wellFormed && taken ? [{ path: '/id', key: 'configuration.errors.idTaken' }] : []),
      ...checkHotline(document),
    ];
    if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
    const subject = `hotline:${id}` as const;
    const version = await recordChange(tx, {
      subject,
      version: 0,
      at: now,
      agentId: agent.id,
      before: null,
      after: document,
    });
    const [last] = await tx.select({ position: max(hotlines.position) }).from(hotlines);
    await tx.insert(hotlines).values({ id, position: (last?.position ?? 0) + 1, ...columnsOf(document) });
    await writeHours(tx, id, document);
    return version;
  });
}
