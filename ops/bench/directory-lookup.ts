import { sql } from 'drizzle-orm';
import type { Call } from './generator.ts';
import { compare } from './measure.ts';
import type { Stage } from './stage.ts';

const calls = 4000;
const connections = 10;

/**
 * Look-ups of professionals by number in the directory that was imported, against a bare Fastify route that does one
 * SELECT by primary key in a table of as many rows.
 */
export async function directoryLookUp(stage: Stage) {
  const { db } = stage.deps;
  await db.execute(sql`
    create table floor_professionals as
      select row_number() over () as id, family_name, given_name, profession, mode, sector from directory_activities`);
  await db.execute(sql`alter table floor_professionals add primary key (id)`);
  stage.floor.get('/floor/:id', async (request) => {
    const { id } = request.params as { id: string };
    const { rows } = await stage.connection.pool.query({
      name: 'floor_professional',
      text: 'select * from floor_professionals where id = $1',
      values: [Number(id)],
    });
    return rows[0];
  });
  const floorOrigin = await stage.openFloor();

  const { rows } = await db.execute<{ identifier: string; id: string }>(sql`
    select identifier, row_number() over () as id from
      (select distinct identifier from directory_activities where identifier >= 800000000000) as people
    order by md5(identifier::text) limit ${calls}`);
  if (rows.length < calls) throw new Error('not enough professionals');

  return compare({
    name: 'directory look-up',
    aim: 0.5,
    floor: async () => ({
      origin: floorOrigin,
      connections,
      calls: rows.map(({ id }): Call => ({ method: 'GET', path: `/floor/${id}` })),
    }),
    product: async () => ({
      origin: stage.origin,
      connections,
      calls: rows.map(({ identifier }): Call => ({ method: 'GET', path: `/api/directory/${identifier}` })),
    }),
  });
}
