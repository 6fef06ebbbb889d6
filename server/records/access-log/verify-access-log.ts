import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';

/** Where a patient's chain is not what was written, and how. */
export interface LogFault {
  readonly patientId: string;
  /** Place in the chain at which it is seen. */
  readonly place: number;
  /** `missing`: an entry is gone; `altered`: an entry is not what was written; `end`: entries and their end differ. */
  readonly kind: 'missing' | 'altered' | 'end';
}

export interface LogVerification {
  readonly patients: number;
  readonly entries: number;
  /** The first fault of each patient's chain. */
  readonly faults: readonly LogFault[];
}

/** How many patients are looked at in one statement. */
const batchSize = 500;

/**
 * Works every chain of the access log out again, in batches, each as of one instant; digests are made here, not by the
 * database. Searches that found nobody are in no chain.
 */
export async function verifyAccessLog(db: Database): Promise<LogVerification> {
  const faults: LogFault[] = [];
  let patients = 0;
  let entries = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const chains = await readChains(db, after);
    for (const chain of chains) {
      patients++;
      entries += chain.entries.length;
      const fault = faultOf(chain);
      if (fault) faults.push({ patientId: chain.patient, ...fault });
    }
    after = chains.at(-1)?.patient ?? after;
    if (chains.length < batchSize) return { patients, entries, faults };
  }
}

interface Chain {
  readonly patient: string;
  /** Null when entries have no end: it was removed. */
  readonly end: {
    readonly place: number;
    readonly digest: string;
    readonly from: number;
    readonly fromDigest: string;
  } | null;
  /** Place, digest, and all that the digest is over but the place, as the database writes it in JSON. */
  readonly entries: readonly {
    readonly place: number;
    readonly digest: string;
    readonly said: readonly (string | number | null)[];
  }[];
}

async function readChains(db: Database, after: string): Promise<readonly Chain[]> {
  const { rows } = await db.execute<{
    patient: string;
    end: Chain['end'];
    entries: Chain['entries'] | null;
  }>(sql`
    select patient_id as patient,
      (select jsonb_build_object('place', place, 'digest', encode(digest, 'hex'), 'from', purged_to,
          'fromDigest', encode(purged_digest, 'hex'))
        from access_log_ends ends where ends.patient_id = each.patient_id) as "end",
      (select jsonb_agg(jsonb_build_object('place', place, 'digest', encode(digest, 'hex'), 'said', jsonb_build_array(
          (extract(epoch from at) * 1000000)::bigint, professional_id, on_behalf_of, structure, action, route, request_id))
          order by place)
        from access_log log where log.patient_id = each.patient_id) as entries
    from (
      select patient_id from access_log_ends where patient_id > ${after}::uuid
      union select patient_id from access_log where patient_id > ${after}::uuid
      order by patient_id limit ${batchSize}) each
    order by patient_id`);
  return rows.map(({ entries, ...chain }) => ({ ...chain, entries: entries ?? [] }));
}

function faultOf({ patient, end, entries }: Chain): Omit<LogFault, 'patientId'> | undefined {
  let place = end?.from ?? 0;
  let digest = Buffer.from(end?.fromDigest ?? '', 'hex');
  for (const entry of entries) {
    place++;
    if (entry.place !== place) return { place, kind: 'missing' };
    digest = digestOf(digest, [patient, place, ...entry.said]);
    if (digest.toString('hex') !== entry.digest) return { place, kind: 'altered' };
  }
  if (end && end.place === place && end.digest === digest.toString('hex')) return undefined;
  return end && end.place > place ? { place: place + 1, kind: 'missing' } : { place, kind: 'end' };
}

/** As the database's `access_log_digest` writes it: PostgreSQL puts a space after each comma. */
function digestOf(previous: Buffer, said: readonly (string | number | null)[]): Buffer<ArrayBuffer> {
  const text = `[${said.map((each) => JSON.stringify(each)).join(', ')}]`;
  return createHash('sha256').update(previous).update(text).digest();
}
