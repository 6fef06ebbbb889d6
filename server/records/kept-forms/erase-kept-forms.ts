import { and, eq, lte } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import type { KeptFormOf } from './find-kept-form.ts';
import { keptForms } from './kept-forms.table.ts';

/** How long a form can be asked for: with the five minutes between two sweeps, it is gone within half an hour. */
export const keptMs = 25 * 60_000;

/** Erases the forms whose time is over. @returns how many. */
export async function eraseKeptForms(db: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptMs);
  const { rowCount } = await db.delete(keptForms).where(lte(keptForms.keptAt, before));
  return rowCount ?? 0;
}

/** Erases one, by who it was kept for: given back, or no longer wanted. */
export async function eraseKeptForm(db: Database, { id, professionalId }: KeptFormOf): Promise<void> {
  await db.delete(keptForms).where(and(eq(keptForms.id, id), eq(keptForms.professionalId, professionalId)));
}
