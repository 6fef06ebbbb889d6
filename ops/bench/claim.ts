import { sql } from 'drizzle-orm';
import { fillQueue } from './filled-queue.ts';
import type { Call } from './generator.ts';
import { compare } from './measure.ts';
import { signedInAgents } from './signed-in-agents.ts';
import type { Stage } from './stage.ts';

const hotline = 'etablissements';
const agentCount = 1600;
const rounds = 4;
/** Each agent claims as many as they may hold. */
const capacity = 4;
const claims = (agentCount * capacity) / rounds;
const connections = 10;

/** Claims by signed-in agents, against a bare Fastify route that does one conditional UPDATE. */
export async function claim(stage: Stage) {
  const { db } = stage.deps;
  await db.execute(
    sql`create table floor_claims (id integer primary key, owner uuid, version integer not null default 1, content text)`,
  );
  await db.execute(
    sql`insert into floor_claims (id, content) select n, repeat('x', 700) from generate_series(1, ${claims * rounds}::int) as n`,
  );
  stage.floor.post('/floor/claims/:id', async (request, reply) => {
    const { id } = request.params as { id: string };
    const { rows } = await stage.connection.pool.query(
      'update floor_claims set owner = gen_random_uuid(), version = version + 1 where id = $1 and owner is null returning *',
      [Number(id)],
    );
    return rows.length === 1 ? rows[0] : reply.status(409).send();
  });
  const floorOrigin = await stage.openFloor();

  await fillQueue(db, { hotline, waiting: claims * rounds, closed: 0 });
  const people = await signedInAgents(stage.app, stage.deps, { count: agentCount, hotline, capacity });
  const { rows } = await db.execute<{ number: string }>(sql`select number from cases order by id`);

  return compare({
    name: 'claim',
    aim: 0.5,
    rounds: rounds - 1,
    floor: async (round) => {
      const calls = Array.from(
        { length: claims },
        (_, n): Call => ({ method: 'POST', path: `/floor/claims/${round * claims + n + 1}`, body: {} }),
      );
      return { origin: floorOrigin, connections, calls };
    },
    product: async (round) => {
      const calls = Array.from({ length: claims }, (_, n): Call => {
        const number = rows[round * claims + n]?.number;
        const headers = people[(round * claims + n) % people.length]?.headers;
        if (!number || !headers) throw new Error('not enough cases or agents');
        return { method: 'POST', path: `/api/cases/${number}/claim`, body: {}, headers };
      });
      return { origin: stage.origin, connections, calls };
    },
  });
}
