import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { professionalSessions, professionals } from './identity.table.ts';
import type { Exercise, Professional } from './professional.ts';
import { rememberStructure } from './remember-structure.ts';
import { rememberExercise } from './sign-in-professional.ts';

type Session = Pick<Professional, 'id' | 'sessionId'>;

/** What a professional may act as in this session, the one chosen last time first. */
export async function listExercises(
  db: Database,
  { sessionId }: Session,
): Promise<{ readonly exercises: readonly Exercise[]; readonly last: string | null }> {
  const [found] = await db
    .select({ exercises: professionalSessions.exercises, last: professionals.lastExercise })
    .from(professionalSessions)
    .innerJoin(professionals, eq(professionals.id, professionalSessions.professionalId))
    .where(eq(professionalSessions.id, sessionId));
  const { exercises = [], last = null } = found ?? {};
  return { exercises: [...exercises].sort((a, b) => Number(b.key === last) - Number(a.key === last)), last };
}

/** Acts as that exercise from now on, in this session; false when it is none of its own. */
export async function chooseExercise(
  db: Database,
  session: Session,
  key: string,
  now: Date,
): Promise<boolean> {
  const { exercises } = await listExercises(db, session);
  const chosen = exercises.find((each) => each.key === key);
  if (!chosen) return false;
  await db.transaction(async (tx) => {
    await tx
      .update(professionalSessions)
      .set({ actingAs: chosen })
      .where(eq(professionalSessions.id, session.sessionId));
    await rememberExercise(tx, session.id, chosen);
    await rememberStructure(tx, session.id, chosen, now);
  });
  return true;
}
