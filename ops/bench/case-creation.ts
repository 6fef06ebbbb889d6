import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { wizardSessions } from '#server/database/schema.ts';
import { listPaths } from '#server/wizard/paths.ts';
import { currentFlow } from '#server/wizard/registry.ts';
import type { Call } from './generator.ts';
import { compare } from './measure.ts';
import type { Stage } from './stage.ts';

const creations = 2000;
const connections = 10;

/** Cases opened from walked wizard sessions, against a bare Fastify route that does one INSERT of the same text. */
export async function caseCreation(stage: Stage) {
  const { db, clock } = stage.deps;
  await db.execute(
    sql`create table floor_cases (id uuid primary key, content jsonb not null, at timestamptz not null)`,
  );
  stage.floor.post('/floor/cases', async (request) => {
    const values = [randomUUID(), JSON.stringify(request.body), new Date()];
    await stage.connection.pool.query(
      'insert into floor_cases (id, content, at) values ($1, $2, $3)',
      values,
    );
    return { stored: true };
  });
  const floorOrigin = await stage.openFloor();

  const escalations = listPaths(currentFlow).filter((path) => path.outcome === 'escalate');
  const path = escalations[Math.floor(escalations.length / 2)];
  if (!path) throw new Error('no path of the flow escalates');
  const body = {
    contact: { name: 'Camille Martin', email: 'camille.martin@exemple.test', language: 'fr' },
    message: 'Le code n’arrive jamais sur mon téléphone, ni ce matin ni hier soir.',
    followUps: true,
  };

  return compare({
    name: 'case creation',
    aim: 0.4,
    floor: async () => ({
      origin: floorOrigin,
      connections,
      calls: Array<Call>(creations).fill({ method: 'POST', path: '/floor/cases', body }),
    }),
    product: async () => {
      const now = clock.now();
      const sessions = Array.from({ length: creations }, () => ({
        id: randomUUID(),
        language: 'fr' as const,
        flow: currentFlow.id,
        flowVersion: currentFlow.version,
        answers: path.answers,
        createdAt: now,
        updatedAt: now,
      }));
      await db.insert(wizardSessions).values(sessions);
      const calls = sessions.map(
        ({ id }): Call => ({ method: 'POST', path: `/api/wizard/sessions/${id}/case`, body }),
      );
      return { origin: stage.origin, connections, calls };
    },
  });
}
