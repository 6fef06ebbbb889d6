import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { keyOf, type Nir, readNir } from '#server/records/patients/nir.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { patientNirs } from '#server/records/patients/patients.table.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { fillRecords } from './filled-records.ts';
import type { Call } from './generator.ts';
import { type Comparison, compare } from './measure.ts';
import type { Stage } from './stage.ts';

const connections = 10;
const searches = 2000;
/** Long enough a round that what V8 compiles and PostgreSQL plans once weighs as in a server that has run for a while. */
const entered = 3000;
const rounds = 4;

/**
 * Finding a patient by NIR (session, right, search, line of the access log chained and committed, answer checked) against
 * a bare SELECT by primary key; and recording an injection (session, right, dose rules over the history, seven indexes,
 * access log, answer in words) against a bare INSERT. Floors are bare routes: HTTP is in both. As many doctors as
 * connections, as in life: one alone would have everybody lock the same row for the same foreign keys.
 * @param options.patients how many records there are.
 */
export async function records(
  stage: Stage,
  { patients }: { readonly patients: number },
): Promise<readonly Comparison[]> {
  const doctors = await Promise.all(Array.from({ length: connections }, () => signedInProfessional(stage)));
  const professional = doctors[0]?.professional.id ?? '';
  const began = performance.now();
  const ids = await fillRecords(stage.url, {
    patients,
    known: Math.max(searches, entered * rounds),
    professional,
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`${patients.toLocaleString('en')} patients made in ${seconds} s`);
  const known = await giveNirs(stage, ids);

  await stage.deps.db.execute(sql`
    create table floor_injections (id uuid primary key, patient uuid not null, at timestamptz not null, content text)`);
  stage.floor.post('/floor/patients', async (request) => {
    const { id } = request.body as { readonly id: string };
    const { rows } = await stage.connection.pool.query('select * from patients where id = $1', [id]);
    return { patients: rows };
  });
  stage.floor.post('/floor/injections', async (request, reply) => {
    const { patient } = request.body as { readonly patient: string };
    const { rows } = await stage.connection.pool.query(
      `insert into floor_injections values (gen_random_uuid(), $1, now(), repeat('x', 400)) returning *`,
      [patient],
    );
    return reply.status(201).send(rows[0]);
  });
  const floorOrigin = await stage.openFloor();

  const some = (count: number, from: number) =>
    Array.from({ length: count }, (_, n) => {
      const each = known[(from + n) % known.length];
      if (!each) throw new Error('there are patients');
      return each;
    });
  const loads = (origin: string, calls: readonly Call[]) => ({ origin, connections, calls });
  const headers = (n: number) => ({ cookie: doctors[n % connections]?.cookie ?? '' });

  const search = await compare({
    name: `patient search by NIR among ${patients.toLocaleString('en')}`,
    aim: 0.4,
    rounds: rounds - 1,
    floor: async () =>
      loads(
        floorOrigin,
        some(searches, 0).map(({ id }) => ({ method: 'POST', path: '/floor/patients', body: { id } })),
      ),
    product: async () =>
      loads(
        stage.origin,
        some(searches, 0).map(({ nir }, n) => ({
          method: 'POST',
          path: '/api/records/patients/search',
          body: { nir },
          headers: headers(n),
        })),
      ),
  });

  const injection = await compare({
    name: 'injection',
    aim: 0.35,
    rounds: rounds - 1,
    floor: async (round) =>
      loads(
        floorOrigin,
        some(entered, round * entered).map(({ id }) => ({
          method: 'POST',
          path: '/floor/injections',
          body: { patient: id },
        })),
      ),
    product: async (round) =>
      loads(
        stage.origin,
        some(entered, round * entered).map(({ id }, n) => ({
          method: 'POST',
          path: `/api/records/patients/${id}/injections`,
          body: anInjection(stage, round * entered + n >= known.length),
          headers: { ...headers(n), 'idempotency-key': randomUUID() },
        })),
      ),
  });
  console.log(
    `memory: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB RSS, server and floor together`,
  );
  return [search, injection];
}

/** @param again the patient had one in an earlier round: it is entered as another, which it is said to be. */
function anInjection({ deps }: Stage, again: boolean) {
  return {
    occurredAt: new Date(deps.clock.now().getTime() - 60_000).toISOString(),
    place: { kind: 'practice', name: 'Cabinet du banc d’essai' },
    vaccine: 'comirnaty',
    lot: 'FK1234',
    arm: 'left',
    route: 'intramuscular',
    doseVolume: '0.3',
    doseRank: 1,
    doseTotal: 2,
    overrideReason: 'Banc d’essai',
    ...(again && { notADuplicate: true }),
  };
}

/** Gives some of the patients NIRs that can be searched for. */
async function giveNirs(
  { deps }: Stage,
  ids: readonly string[],
): Promise<readonly { id: string; nir: Nir }[]> {
  const vault = nirVault(deps.config.records);
  const known = ids.map((id, n) => ({ id, nir: nirNumber(n) }));
  for (let from = 0; from < known.length; from += 500) {
    const values = known
      .slice(from, from + 500)
      .map(({ id, nir }) => ({ patientId: id, ...vault.seal(nir, id), ...vault.index(nir) }));
    await deps.db
      .insert(patientNirs)
      .values(values)
      .onConflictDoUpdate({
        target: patientNirs.patientId,
        set: {
          sealed: sql`excluded.sealed`,
          keyId: sql`excluded.key_id`,
          blindIndex: sql`excluded.blind_index`,
          indexKeyId: sql`excluded.index_key_id`,
        },
      });
  }
  return known;
}

function nirNumber(n: number): Nir {
  const number = `28405${String(10 + (Math.floor(n / 900_000) % 80))}${String(100 + (Math.floor(n / 900) % 900))}${String(100 + (n % 900))}`;
  const read = readNir(number + String(keyOf(number)).padStart(2, '0'));
  if (!read.ok) throw new Error(`not a NIR: ${read.fault}`);
  return read.nir;
}
