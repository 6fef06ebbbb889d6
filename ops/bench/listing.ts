import { fillQueue } from './filled-queue.ts';
import type { Call } from './generator.ts';
import { compare } from './measure.ts';
import { signedInAgents } from './signed-in-agents.ts';
import type { Stage } from './stage.ts';

const hotline = 'etablissements';
const listings = 2000;
const connections = 10;

/** The first 50 of 10,000 waiting cases before 200,000 closed ones, against a bare route that runs the query alone. */
export async function listing(stage: Stage) {
  await fillQueue(stage.deps.db, { hotline, waiting: 10_000, closed: 200_000 });
  const [agent] = await signedInAgents(stage.app, stage.deps, { count: 1, hotline, capacity: 5 });
  stage.floor.get('/floor/cases', async () => {
    const { rows } = await stage.connection.pool.query({
      name: 'floor_listing',
      text: `select number, hotline_id, state, priority_rank, version, opened_at, waiting_since, returned_at, contact_name,
          profession, mode, summary
        from cases where hotline_id = $1 and state = 'waiting'
        order by returned_at nulls last, priority_rank, waiting_since, id limit 50`,
      values: [hotline],
    });
    return rows;
  });
  const floorOrigin = await stage.openFloor();
  const headers = agent?.headers ?? {};
  const path = `/api/cases?hotline=${hotline}&state=waiting&limit=50`;
  return compare({
    name: 'queue listing',
    aim: 0.6,
    floor: async () => ({
      origin: floorOrigin,
      connections,
      calls: Array<Call>(listings).fill({ method: 'GET', path: '/floor/cases' }),
    }),
    product: async () => ({
      origin: stage.origin,
      connections,
      calls: Array<Call>(listings).fill({ method: 'GET', path, headers }),
    }),
  });
}
