import { randomUUID } from 'node:crypto';
import { desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { keptForms } from './kept-forms.table.ts';

/** A form as it was sent. */
export interface SentForm {
  /** Where it was sent: a path of ours. */
  readonly path: string;
  /** Its body, URL-encoded. */
  readonly body: string;
}

/** As many as somebody may have open at once; the oldest give way. */
const atMost = 10;

/**
 * Keeps a form for the professional who filled it in, sealed.
 * @returns its id; undefined when the professional is nobody we know.
 */
export async function keepForm(
  db: Database,
  vault: NirVault,
  { professionalId, form }: { readonly professionalId: string; readonly form: SentForm },
  now: Date,
): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    // Locked: two forms sent at once must not both take the last place.
    const known = await tx
      .select({ id: professionals.id })
      .from(professionals)
      .where(eq(professionals.id, professionalId))
      .for('no key update');
    if (known.length === 0) return undefined;
    const older = tx
      .select({ id: keptForms.id })
      .from(keptForms)
      .where(eq(keptForms.professionalId, professionalId))
      .orderBy(desc(keptForms.keptAt), desc(keptForms.id))
      .offset(atMost - 1);
    await tx.delete(keptForms).where(inArray(keptForms.id, older));
    const id = randomUUID();
    const sealed = vault.seal(JSON.stringify(form), id, 'form');
    await tx.insert(keptForms).values({ id, professionalId, keptAt: now, ...sealed });
    return id;
  });
}
