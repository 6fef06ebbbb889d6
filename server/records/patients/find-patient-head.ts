import { eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { patients } from './patients.table.ts';

export interface PatientHead {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string;
}

/** Whose record a page is about; undefined when there is none. */
export async function findPatientHead(db: Database, id: string): Promise<PatientHead | undefined> {
  const [found] = await db.select().from(patients).where(eq(patients.id, id));
  if (!found) return undefined;
  const { birthFamilyName, birthGivenNames, usedFamilyName, usedGivenName, birthDate } = found;
  const given = usedGivenName ?? birthGivenNames.split(' ')[0] ?? '';
  return { id, name: `${given} ${usedFamilyName ?? birthFamilyName}`, birthDate };
}
