import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { wizardSessions } from '#server/database/schema.ts';
import { offeredOptions } from '#server/wizard/flow.ts';
import { currentFlow } from '#server/wizard/registry.ts';
import type { Call } from './generator.ts';
import { compare } from './measure.ts';
import type { Stage } from './stage.ts';

const answers = 4000;
const connections = 10;

/** Answers of practitioners to the wizard's first question, against a bare Fastify route that does one INSERT. */
export async function wizardAnswer(stage: Stage) {
  const { db, clock } = stage.deps;
  await db.execute(
    sql`create table floor_answers (id uuid primary key, answer jsonb not null, at timestamptz not null)`,
  );
  stage.floor.post('/floor/answers', async (request) => {
    const values = [randomUUID(), JSON.stringify(request.body), new Date()];
    await stage.connection.pool.query(
      'insert into floor_answers (id, answer, at) values ($1, $2, $3)',
      values,
    );
    return { stored: true };
  });
  const floorOrigin = await stage.openFloor();

  const start = currentFlow.nodes[currentFlow.start];
  const option = start && offeredOptions(currentFlow, start, {})[0];
  if (!option) throw new Error('the flow starts without an option');
  const body = { node: currentFlow.start, answer: option.id };

  return compare({
    name: 'wizard answer',
    aim: 0.6,
    floor: async () => ({
      origin: floorOrigin,
      connections,
      calls: Array<Call>(answers).fill({ method: 'POST', path: '/floor/answers', body }),
    }),
    product: async () => {
      const now = clock.now();
      const sessions = Array.from({ length: answers }, () => ({
        id: randomUUID(),
        language: 'fr' as const,
        flow: currentFlow.id,
        flowVersion: currentFlow.version,
        answers: [],
        createdAt: now,
        updatedAt: now,
      }));
      await db.insert(wizardSessions).values(sessions);
      const calls = sessions.map(
        ({ id }): Call => ({ method: 'POST', path: `/api/wizard/sessions/${id}/answers`, body }),
      );
      return { origin: stage.origin, connections, calls };
    },
  });
}
