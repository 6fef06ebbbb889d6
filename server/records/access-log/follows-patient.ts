import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { adverseEvents, consultations, injections } from '../acts/acts.table.ts';
import { patients } from '../patients/patients.table.ts';
import { personsOf } from '../patients/persons.ts';

/**
 * Whether a professional follows a patient: made the record, or performed, entered or validated one of its acts, merged
 * records included. It is them whom a patient asks who read the record.
 */
export async function followsPatient(
  db: Database,
  professionalId: string,
  patientId: string,
): Promise<boolean> {
  const persons = personsOf(patientId);
  const acts = [consultations, injections, adverseEvents].map(
    (table) => sql`exists (select from ${table} where patient_id in ${persons}
      and ${professionalId}::uuid in (performed_by, entered_by, validated_by))`,
  );
  const { rows } = await db.execute<{ follows: boolean }>(sql`
    select exists (select from ${patients} where id in ${persons} and created_by = ${professionalId}::uuid)
      or ${sql.join(acts, sql` or `)} as follows`);
  return rows[0]?.follows === true;
}
