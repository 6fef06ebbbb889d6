import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '#server/database/client.ts';
import { keyOf, type Nir, readNir } from '#server/records/patients/nir.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { patientNirs } from '#server/records/patients/patients.table.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import type { Call } from './generator.ts';
import { type Comparison, compare } from './measure.ts';
import type { Stage } from './stage.ts';

const connections = 10;
const searches = 2000;
const entered = 1000;
const rounds = 4;

/**
 * Finding a patient by NIR, access log included, against a bare SELECT by primary key; and recording an injection, with
 * findings, access log and history, against a bare INSERT.
 * @param options.patients how many records there are.
 */
export async function records(
  stage: Stage,
  { patients }: { readonly patients: number },
): Promise<readonly Comparison[]> {
  const doctor = await signedInProfessional(stage);
  const headers = { cookie: doctor.cookie };
  await fillPatients(stage.deps.db, patients, doctor.professional.id);
  const known = await giveNirs(stage, Math.min(patients, Math.max(searches, entered * rounds)));
  await stage.deps.db.execute(sql`analyze patients, patient_nirs`);

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
        some(searches, 0).map(({ nir }) => ({
          method: 'POST',
          path: '/api/records/patients/search',
          body: { nir },
          headers,
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
          headers: { ...headers, 'idempotency-key': randomUUID() },
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

/** Records with a NIR under a digest of nothing: as many rows and as large an index as the real ones. */
async function fillPatients(db: Database, count: number, createdBy: string): Promise<void> {
  const step = 250_000;
  for (let from = 1; from <= count; from += step) {
    await db.execute(sql`
      insert into patients (birth_family_name, birth_given_names, birth_date, sex, family_name_key, given_names_key,
        created_at, created_by, updated_at)
      select 'Nom ' || md5(n::text), 'Prénom', date '1930-01-01' + n % 33000, 'female', 'NOM ' || upper(md5(n::text)),
        'PRENOM', now(), ${createdBy}::uuid, now()
      from generate_series(${from}::int, ${Math.min(count, from + step - 1)}::int) n`);
  }
  await db.execute(sql`
    insert into patient_nirs (patient_id, sealed, key_id, blind_index, index_key_id)
    select id, decode(repeat('00', 43), 'hex'), 'filler', sha256(id::text::bytea), 'filler' from patients`);
}

/** Gives some of the patients NIRs that can be searched for. */
async function giveNirs({ deps }: Stage, count: number): Promise<readonly { id: string; nir: Nir }[]> {
  const vault = nirVault(deps.config.records);
  const { rows } = await deps.db.execute<{ id: string }>(sql`select id from patients limit ${count}`);
  const known = rows.map(({ id }, n) => ({ id, nir: nirNumber(n) }));
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
