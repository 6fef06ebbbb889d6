import { and, eq, gt } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { keptMs } from './erase-kept-forms.ts';
import type { SentForm } from './keep-form.ts';
import { keptForms } from './kept-forms.table.ts';

export interface KeptForm extends SentForm {
  readonly keptAt: Date;
}

/** Which form, and who asks for it. */
export interface KeptFormOf {
  readonly id: string;
  readonly professionalId: string;
}

/** A form kept for that professional; undefined when its time is over, it was taken, or it is somebody else's. */
export async function findKeptForm(
  db: Database,
  vault: NirVault,
  { id, professionalId }: KeptFormOf,
  now: Date,
): Promise<KeptForm | undefined> {
  const [found] = await db
    .select()
    .from(keptForms)
    .where(
      and(
        eq(keptForms.id, id),
        eq(keptForms.professionalId, professionalId),
        gt(keptForms.keptAt, new Date(now.getTime() - keptMs)),
      ),
    );
  if (!found) return undefined;
  // Only `keepForm` can have made what the tag vouches for.
  const form = JSON.parse(vault.open(found, id, 'form')) as SentForm;
  return { ...form, keptAt: found.keptAt };
}
