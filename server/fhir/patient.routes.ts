import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '../http/language.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { type PatientRecord, readPatient } from '../records/patients/find-patient.ts';
import { type Found, findPatientsByNir, findPatientsByTraits } from '../records/patients/find-patients.ts';
import { readNir } from '../records/patients/nir.ts';
import { nirVault } from '../records/patients/nir-vault.ts';
import { isDay } from '../records/patients/patient-traits.ts';
import type { Facade } from './fhir.routes.ts';
import {
  countOf,
  isId,
  oneOf,
  readSearch,
  type SearchParameters,
  unreadable,
  withElements,
} from './search.ts';
import { type Asked, readAsked, searchset } from './search-page.ts';
import { systems } from './systems.ts';
import { toPatient } from './to-fhir.ts';

const path = '/fhir/R4/Patient';
const traits = ['identifier', 'family', 'given', 'birthdate', 'gender'];

/** What a page shows, of all that were found. */
interface FoundPage {
  readonly records: readonly PatientRecord[];
  /** Of everybody found, in their order. */
  readonly ids: readonly string[];
  /** How many of them this page and those before have come to. */
  readonly reached: number;
  /** How many there are; undefined when there are more than a search finds. */
  readonly total: number | undefined;
}

/** Patients: read by id, searched by POST: identifying traits are never in an address. */
export async function patientRoutes(
  app: FastifyInstance,
  { deps, base, send, sendVersion, askerOf }: Facade,
): Promise<void> {
  const { db, clock, config, texts } = deps;
  const vault = nirVault(config.records);
  const onRequest = requireRight(deps, 'patient.read');
  const tags = ['fhir'];

  app.get<{ Params: { id: string } }>(
    `${path}/:id`,
    { onRequest, schema: { tags, summary: 'Read a patient as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const { record } = await read(request, request.params.id);
      return sendVersion(request, reply, withElements(toPatient(record), search));
    },
  );

  app.get(
    path,
    { onRequest, schema: { tags, summary: 'Search patients by id; by anything else, POST to _search' } },
    async (request, reply) => {
      const asked = askedOf(request, request.query);
      if (traits.some((name) => asked.search.has(name))) throw new Problem(400, 'search-by-post');
      return sendPage(request, reply, asked, await pageByIds(request, asked));
    },
  );

  app.post(
    `${path}/_search`,
    {
      onRequest,
      schema: { tags, summary: 'Search patients by NIR, or by family name, given name and birth date' },
    },
    async (request, reply) => {
      const asked = askedOf(request, request.body);
      if (asked.search.has('_id') || asked.cursor)
        return sendPage(request, reply, asked, await pageByIds(request, asked));
      const { patients, more } = await found(request, asked.search);
      const ids = patients.map(({ id }) => id);
      const records = patients.slice(0, countOf(asked.search));
      return sendPage(request, reply, asked, {
        records,
        ids,
        reached: records.length,
        total: more ? undefined : ids.length,
      });
    },
  );

  function askedOf(request: FastifyRequest, given: unknown): Asked {
    return readAsked(askerOf(request), 'Patient', { given, known: traits, headers: request.headers });
  }

  /** The links of what was asked by POST hold who was found, and nothing of what was asked. */
  function sendPage(request: FastifyRequest, reply: FastifyReply, asked: Asked, page: FoundPage) {
    const { records, ids, reached, total } = page;
    const saying = { texts, language: languageOf(request), asker: askerOf(request) };
    const said = {
      found: records.map(toPatient),
      further: reached < ids.length,
      total,
      next: () => ({ found: { ids, shown: reached } }),
      said: total === undefined ? ['more'] : [],
    };
    const address = { base, address: `${base}/Patient`, open: false };
    return send(reply, searchset(saying, 'Patient', asked, said, address));
  }

  async function found(request: FastifyRequest, search: SearchParameters): Promise<Found> {
    const access = accessOf(request, 'patients.search');
    const now = clock.now();
    const identifier = oneOf(search, 'identifier');
    if (identifier !== undefined) {
      const [system, value] = identifier.split('|');
      const nir = system === systems.nir && value !== undefined ? readNir(value) : undefined;
      if (!nir?.ok) throw unreadable('identifier');
      return findPatientsByNir(db, vault, nir.nir, access, now);
    }
    const [family, given, birthDate] = ['family', 'given', 'birthdate'].map((name) => {
      const value = oneOf(search, name)?.trim();
      if (!value) throw unreadable(name);
      return value;
    });
    if (!family || !given || !birthDate || !isDay(birthDate)) throw unreadable('birthdate');
    const gender = oneOf(search, 'gender');
    if (gender !== undefined && !isSex(gender)) throw unreadable('gender');
    return findPatientsByTraits(db, { family, given, birthDate, sex: gender }, access, now);
  }

  /** By `_id`, or the next ones of what a search found: each that is shown is read, and logged. */
  async function pageByIds(request: FastifyRequest, { search, cursor }: Asked): Promise<FoundPage> {
    const named = oneOf(search, '_id')?.split(',');
    const { ids = named, shown = 0 } = cursor?.found ?? {};
    if (!ids) throw unreadable('_id');
    const reached = Math.min(shown + countOf(search), ids.length);
    const records: PatientRecord[] = [];
    for (const id of ids.slice(shown, reached)) {
      try {
        records.push((await read(request, id)).record);
      } catch (error) {
        // Of an id that nobody has, there is nothing to show.
        if (!(error instanceof Problem && error.statusCode === 404)) throw error;
      }
    }
    const total = cursor?.found || reached < ids.length ? ids.length : records.length;
    return { records, ids, reached, total };
  }

  async function read(request: FastifyRequest, id: string) {
    if (!isId(id)) throw new Problem(404, 'no-such-patient');
    return readPatient(db, vault, id, accessOf(request, 'patient.read'), clock.now());
  }
}

function isSex(text: string): text is 'female' | 'male' | 'unknown' {
  return text === 'female' || text === 'male' || text === 'unknown';
}
