import { eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { professionalRights } from './rights.table.ts';
import type { RightRule } from './rights.ts';

export type StoredRight = typeof professionalRights.$inferSelect;

/** A row to be: its codes those that the table takes. */
export type NewRight = Omit<StoredRight, 'id' | 'origin'>;

/** Why the rows were left as they were; `row`: the one in the way. */
export class RightNotEdited extends Error {
  readonly why: 'overlap' | 'unknown' | 'over' | 'past';
  readonly row: StoredRight | undefined;

  constructor(why: RightNotEdited['why'], row?: StoredRight) {
    super(`the right was not edited: ${why}`);
    this.name = 'RightNotEdited';
    this.why = why;
    this.row = row;
  }
}

/**
 * Gives a right, by a row of its own: processes use it within seconds.
 * @throws RightNotEdited `overlap` when the same people hold it already at some time of the period, delegated or not.
 */
export async function grantRight(db: Database, rule: NewRight): Promise<StoredRight> {
  return db.transaction(async (tx) => {
    // Two people who grant at once must see each other's rows.
    await tx.execute(sql`lock table ${professionalRights} in share row exclusive mode`);
    const all = await tx.select().from(professionalRights).where(eq(professionalRights.right, rule.right));
    const inTheWay = all.find((each) => ofSamePeople(each, rule) && overlaps(each, rule));
    if (inTheWay) throw new RightNotEdited('overlap', inTheWay);
    const [granted] = await tx
      .insert(professionalRights)
      .values({ ...rule, origin: 'operator' })
      .returning();
    if (!granted) throw new Error('a right that was inserted is there');
    return granted;
  });
}

/**
 * Ends a right at an instant; what was held until then stays known. A row that would end before it begins is removed.
 * @returns the row as it is then; undefined when it was removed.
 * @throws RightNotEdited `unknown`; `over` when it ends before anyway; `past` for an instant before `now`: who held it then, did.
 */
export async function endRight(
  db: Database,
  { id, at }: { readonly id: string; readonly at: Date },
  now: Date,
): Promise<StoredRight | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .select()
      .from(professionalRights)
      .where(eq(professionalRights.id, id))
      .for('update');
    if (!row) throw new RightNotEdited('unknown');
    if (row.validTo !== null && row.validTo <= at) throw new RightNotEdited('over', row);
    if (at < now) throw new RightNotEdited('past', row);
    if (at <= row.validFrom) {
      await tx.delete(professionalRights).where(eq(professionalRights.id, id));
      return undefined;
    }
    const [ended] = await tx
      .update(professionalRights)
      .set({ validTo: at })
      .where(eq(professionalRights.id, id))
      .returning();
    return ended;
  });
}

function ofSamePeople(one: RightRule, other: RightRule): boolean {
  return one.profession === other.profession && one.category === other.category && one.mode === other.mode;
}

/** Periods are half-open. */
function overlaps(one: RightRule, other: RightRule): boolean {
  const before = (a: RightRule, b: RightRule) => a.validTo !== null && a.validTo <= b.validFrom;
  return !before(one, other) && !before(other, one);
}
