import pg from 'pg';

/** How many of the patients have been vaccinated, and read, before: enough for statements to be planned as in life. */
const vaccinated = 20_000;

/** The tables that are filled, whose indexes are made after them. */
const filled = ['patients', 'patient_nirs', 'consultations', 'injections', 'adverse_events', 'access_log'];

/**
 * Fills the records straight in the database: patients with a NIR under a digest of nothing (as many rows and as large
 * an index as the real ones), and for up to 20,000 of them a consultation, a dose and an entry of the access log, each
 * tenth with an adverse event. Statements planned on empty tables would read them from end to end.
 * @param url of a database of which one is superuser: what refers to what is not checked row by row.
 * @returns `count` patients or fewer from all over the table, without acts.
 */
export async function fillRecords(
  url: string,
  wanted: { readonly patients: number; readonly known: number; readonly professional: string },
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`set local session_replication_role = replica`);
    await client.query(`set local maintenance_work_mem = '512MB'`);
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
       from pg_index where indrelid = any($1::regclass[])
         and not exists (select from pg_constraint where conindid = indexrelid)`,
      [filled],
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    // In the order of their random ids: so the index of the primary key grows at its end.
    await client.query(
      `insert into patients (id, birth_family_name, birth_given_names, birth_date, sex, family_name_key,
         given_names_key, created_at, created_by, updated_at)
       select id, 'Nom ' || left(id::text, 8), 'Prénom', date '1930-01-01' + n % 33000, 'female',
         'NOM ' || upper(left(id::text, 8)), 'PRENOM', now(), $2, now()
       from (select n, gen_random_uuid() as id from generate_series(1, $1::int) n order by 2) each`,
      [wanted.patients, wanted.professional],
    );
    await client.query(`
      insert into patient_nirs (patient_id, sealed, key_id, blind_index, index_key_id)
      select id, decode(repeat('00', 43), 'hex'), 'filler', sha256(id::text::bytea), 'filler' from patients order by id`);
    await fillActs(client, wanted.professional, Math.min(vaccinated, Math.floor(wanted.patients / 2)));
    for (const { definition } of indexes) await client.query(definition);
    await client.query('commit');
    await client.query(`vacuum analyze ${filled.join(', ')}, access_log_ends`);
    const { rows } = await client.query<{ id: string }>(
      `select id from patients tablesample bernoulli (least(100, 100 * 2.5 * $1::float / $2)) repeatable (1)
       where not exists (select from injections where patient_id = patients.id) limit $1`,
      [wanted.known, wanted.patients],
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

/** What the first of the patients have in their records. */
async function fillActs(client: pg.Client, professional: string, count: number): Promise<void> {
  await client.query(`create temporary table vaccinated on commit drop as
    select id, row_number() over () as n from (select id from patients limit ${count}) first`);
  const act = `version, state, patient_id, occurred_at, place_kind, performed_by, entered_by, validated_by,
    validated_at, created_at, updated_at`;
  const acted = `1, 'recorded', vaccinated.id, now() - interval '1 year', 'practice', $1::uuid, $1::uuid, $1::uuid, now(),
    now(), now()`;
  await client.query(
    `insert into consultations (${act}, questionnaire, consent, decision)
     select ${acted}, '{"fever": false}', 'patient', 'fit' from vaccinated`,
    [professional],
  );
  await client.query(
    `insert into injections (${act}, vaccine, lot, route, dose_rank, dose_total, day, findings, idempotency_key)
     select ${acted}, 'comirnaty', 'FK1234', 'intramuscular', 1, 2, current_date - 365, '[]', gen_random_uuid()::text
     from vaccinated`,
    [professional],
  );
  await client.query(
    `insert into adverse_events (${act}, injection_id, description, terms, serious, criteria, outcome)
     select ${acted}, injections.id, 'Fièvre', '[]', false, '[]', 'recovered'
     from vaccinated join injections on injections.patient_id = vaccinated.id where n % 10 = 0`,
    [professional],
  );
  await client.query(
    `with entry as materialized (
       select id, access_log_digest('', id, 1, now(), $1::uuid, null, null, 'patient.read', 'GET', 'bench') as digest
       from vaccinated order by id),
     ends as (insert into access_log_ends (patient_id, place, digest) select id, 1, digest from entry)
     insert into access_log (at, professional_id, patient_id, action, route, request_id, place, digest)
     select now(), $1::uuid, id, 'patient.read', 'GET', 'bench', 1, digest from entry`,
    [professional],
  );
}
