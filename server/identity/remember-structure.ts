import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { structuresActedFor } from './identity.table.ts';
import { type Exercise, structureNumber } from './professional.ts';

/**
 * Keeps what the structure of an exercise is called, for whom it is acted for from now on; nothing when that is known, or
 * when it has no name or no number.
 */
export async function rememberStructure(
  db: Database,
  professionalId: string,
  actingAs: Exercise | null,
  now: Date,
): Promise<void> {
  const name = actingAs?.structure?.name;
  const number = structureNumber(actingAs?.structure);
  if (!name || !number) return;
  const at = now.toISOString();
  await db.execute(sql`
    insert into ${structuresActedFor} (professional_id, number, since, name)
    select ${professionalId}::uuid, ${number}::text, ${at}::timestamptz, ${name}::text
    where ${name}::text is distinct from (
      select name from ${structuresActedFor}
      where professional_id = ${professionalId}::uuid and number = ${number}::text
      order by since desc limit 1)
    on conflict (professional_id, number, since) do update set name = excluded.name`);
}
