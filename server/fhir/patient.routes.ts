import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireRight } from '../identity/require-right.ts';
import { Problem } from '../problem.ts';
import { accessOf } from '../records/access-log/access-of.ts';
import { readPatient } from '../records/patients/find-patient.ts';
import { type Found, findPatientsByNir, findPatientsByTraits } from '../records/patients/find-patients.ts';
import { readNir } from '../records/patients/nir.ts';
import { nirVault } from '../records/patients/nir-vault.ts';
import type { Facade } from './fhir.routes.ts';
import {
  isId,
  oneOf,
  readSearch,
  type SearchParameters,
  searchset,
  unreadable,
  withElements,
} from './search.ts';
import { systems } from './systems.ts';
import { toPatient } from './to-fhir.ts';

const path = '/fhir/R4/Patient';
const traits = ['identifier', 'family', 'given', 'birthdate', 'gender'];

/** Patients: read by id, searched by POST: identifying traits are never in an address. */
export async function patientRoutes(app: FastifyInstance, { deps, base, send }: Facade): Promise<void> {
  const { db, clock, config } = deps;
  const vault = nirVault(config.records);
  const onRequest = requireRight(deps, 'patient.read');

  app.get<{ Params: { id: string } }>(
    `${path}/:id`,
    { onRequest, schema: { tags: ['fhir'], summary: 'Read a patient as FHIR R4' } },
    async (request, reply) => {
      const search = readSearch(request.query, []);
      const { record } = await read(request, request.params.id);
      const resource = toPatient(record);
      return send(reply.header('etag', `W/"${record.version}"`), withElements(resource, search));
    },
  );

  app.get(
    path,
    {
      onRequest,
      schema: { tags: ['fhir'], summary: 'Search patients by id; by anything else, POST to _search' },
    },
    async (request, reply) => {
      const search = readSearch(request.query, traits);
      if (traits.some((name) => search.has(name))) throw new Problem(400, 'search-by-post');
      return send(reply, await foundById(request, search));
    },
  );

  app.post(
    `${path}/_search`,
    {
      onRequest,
      schema: {
        tags: ['fhir'],
        summary: 'Search patients by NIR, or by family name, given name and birth date',
      },
    },
    async (request, reply) => {
      const search = readSearch(request.body, traits);
      if (search.has('_id')) return send(reply, await foundById(request, search));
      const { patients } = await found(request, search);
      const address = { base, address: `${base}/Patient/_search`, linked: false };
      return send(reply, searchset(patients.map(toPatient), search, address));
    },
  );

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

  async function foundById(request: FastifyRequest, search: SearchParameters) {
    const id = oneOf(search, '_id');
    if (id === undefined) throw unreadable('_id');
    const patients = await read(request, id).then(
      ({ record }) => [record],
      (error: unknown) => {
        if (error instanceof Problem && error.statusCode === 404) return [];
        throw error;
      },
    );
    return searchset(patients.map(toPatient), search, { base, address: `${base}/Patient` });
  }

  async function read(request: FastifyRequest, id: string) {
    if (!isId(id)) throw new Problem(404, 'no-such-patient');
    return readPatient(db, vault, id, accessOf(request, 'patient.read'), clock.now());
  }
}

function isDay(text: string): boolean {
  const read = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text)
  );
}

function isSex(text: string): text is 'female' | 'male' | 'unknown' {
  return text === 'female' || text === 'male' || text === 'unknown';
}
