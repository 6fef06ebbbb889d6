import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { accessEntry, refusingUnlogged } from '../access-log/log-access.ts';
import { authorityToEnter, onBehalf } from './act-authority.ts';
import { type Entry, personOf, validatesOwn } from './act-entry.ts';
import { consultations } from './acts.table.ts';
import { checkConsultation } from './check-consultation.ts';
import type { ConsultationInput } from './consultation-body.ts';
import { getDoseContext } from './dose-context.ts';
import type { Consultation } from './find-act.ts';
import { warningsOfPlace } from './unknown-finess.ts';

/**
 * Records a pre-vaccination consultation and its entry in the access log, in one statement.
 * @throws Problem 404 `no-such-patient`; 409 `patient-merged`; 403 `no-delegation`, `may-not-…`; 422 `invalid`;
 *   503 `access-not-logged`.
 */
export async function recordConsultation(
  db: Database,
  entry: Entry,
  { patientId, input }: { readonly patientId: string; readonly input: ConsultationInput },
  now: Date,
): Promise<{ readonly consultation: Consultation; readonly warnings: readonly FieldProblem[] }> {
  const { birthDate } = await getDoseContext(db, patientId);
  const checked = checkConsultation(input, birthDate, now);
  if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
  const { facts } = checked;
  const warnings = await warningsOfPlace(db, entry, facts.placeFiness, checked.warnings);
  const authority = await authorityToEnter(db, entry, 'consultation.record', {
    performedBy: input.performedBy,
    at: facts.occurredAt,
    placeFiness: facts.placeFiness,
  });
  const me = personOf(entry.professional);
  const validated = authority.delegationId === null && validatesOwn(entry);
  const stored = {
    ...facts,
    patientId,
    delegationId: authority.delegationId,
    validatedAt: validated ? now : null,
    createdAt: now,
    updatedAt: now,
  };
  const inserted = db.$with('inserted').as(
    db
      .insert(consultations)
      .values({
        ...stored,
        performedBy: authority.performer.id,
        enteredBy: me.id,
        validatedBy: validated ? me.id : null,
      })
      .returning({ id: consultations.id, patientId: consultations.patientId }),
  );
  const access = { ...entry, action: 'consultation.create', onBehalfOf: onBehalf(entry, authority) };
  const [row] = await refusingUnlogged(() =>
    db
      .with(inserted)
      .select({
        id: inserted.id,
        logged: accessEntry(sql`${inserted.patientId}`, access, now).as('logged'),
      })
      .from(inserted),
  );
  if (!row) throw new Error('a consultation was not stored');
  return {
    consultation: {
      kind: 'consultation',
      id: row.id,
      version: 1,
      state: 'recorded',
      ...stored,
      performedBy: authority.performer,
      enteredBy: me,
      validatedBy: validated ? me : null,
    },
    warnings,
  };
}
