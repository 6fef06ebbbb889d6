import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { proofOf, requireProvenRight } from '../../identity/require-proven-right.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem, ProblemSchema } from '../../problem.ts';
import { accessOf } from '../access-log/access-of.ts';
import { listAccesses } from '../access-log/list-accesses.ts';
import { etagOf, readIfMatch } from '../if-match.ts';
import { changePatient } from './change-patient.ts';
import { createPatient } from './create-patient.ts';
import { getPatient, type Patient, type PatientRecord, readPatient } from './find-patient.ts';
import { searchPatients } from './find-patients.ts';
import { mergePatients, unmergePatients } from './merge-patients.ts';
import { nirVault } from './nir-vault.ts';
import {
  MergeBody,
  NewPatientBody,
  PatientChangeBody,
  PatientParams,
  PatientRowSchema,
  PatientSchema,
  patientRow,
  patientView,
  patientWarnings,
  SearchBody,
  UnmergeBody,
} from './patient-schemas.ts';

const refusals = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  409: ProblemSchema,
  412: ProblemSchema,
  422: ProblemSchema,
  428: ProblemSchema,
  503: ProblemSchema,
};

const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'The ETag of what was read' })),
});

/** Patients, for programs: found, recorded, read, changed, merged, and who read them. */
export async function patientsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, config, texts } = deps;
  const vault = nirVault(config.records);
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['records'];
  const readers = requireRight(deps, 'patient.read');
  const searchers = requireProvenRight(deps, 'patient.read');
  const writers = requireRight(deps, 'patient.write');

  /** A patient with the ETag of their version. */
  const shown = (request: FastifyRequest, reply: Pick<FastifyReply, 'header'>, patient: Patient) => {
    reply.header('etag', etagOf(patient.record));
    const warnings = patientWarnings(patient).map(({ path, key }) => ({
      path,
      message: texts.say(languageOf(request), key),
    }));
    return { ...patientView(patient, request.onlyByDelegation), warnings };
  };

  /** What a change leaves, its access logged already. */
  const after = async ({ id }: PatientRecord): Promise<Patient> => getPatient(db, vault, id);

  routes.post(
    '/api/records/patients/search',
    {
      ...searchers.hooks,
      schema: {
        tags,
        summary: 'Find patients by NIR, or by names and birth date',
        body: SearchBody,
        response: {
          200: Type.Object({
            patients: Type.Array(PatientRowSchema),
            more: Type.Boolean({ description: 'There are others: say more' }),
          }),
          ...refusals,
        },
      },
    },
    async (request, reply) =>
      searchers.proving(request, reply, async () => {
        const access = { ...accessOf(request, 'patients.search'), proof: proofOf(request) };
        const found = await searchPatients(db, vault, request.body, access, clock.now());
        return { patients: found.patients.map(patientRow), more: found.more };
      }),
  );

  routes.post(
    '/api/records/patients',
    {
      onRequest: writers,
      schema: {
        tags,
        summary: 'Record a patient; 409 with `likely` when they may be known already',
        body: NewPatientBody,
        response: { 201: PatientSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const access = accessOf(request, 'patient.create');
      const created = await createPatient(db, vault, request.body, access, clock.now());
      if ('likely' in created) {
        const likely = created.likely.map(patientRow);
        throw new Problem(409, 'patient-likely-known', { extensions: { likely } });
      }
      const patient = await after(created.created);
      reply.status(201).header('location', `/api/records/patients/${patient.record.id}`);
      return shown(request, reply, patient);
    },
  );

  routes.get(
    '/api/records/patients/:id',
    {
      onRequest: readers,
      schema: {
        tags,
        summary: 'Read a patient',
        params: PatientParams,
        response: { 200: PatientSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const access = accessOf(request, 'patient.read');
      const patient = await readPatient(db, vault, request.params.id, access, clock.now());
      return shown(request, reply, patient);
    },
  );

  routes.patch(
    '/api/records/patients/:id',
    {
      onRequest: writers,
      schema: {
        tags,
        summary: 'Change what identifies a patient, with the reason',
        params: PatientParams,
        headers: IfMatch,
        body: PatientChangeBody,
        response: { 200: PatientSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const reference = { id: request.params.id, version: readIfMatch(request.headers['if-match']) };
      const access = accessOf(request, 'patient.correct');
      const changed = await changePatient(db, vault, reference, request.body, access, clock.now());
      return shown(request, reply, await after(changed));
    },
  );

  routes.post(
    '/api/records/patients/:id/merge',
    {
      onRequest: writers,
      schema: {
        tags,
        summary: 'Say that a record is of the same person as another, which shows both from then on',
        params: PatientParams,
        headers: IfMatch,
        body: MergeBody,
        response: { 200: PatientSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const merge = {
        id: request.params.id,
        version: readIfMatch(request.headers['if-match']),
        ...request.body,
      };
      const merged = await mergePatients(db, merge, accessOf(request, 'patient.merge'), clock.now());
      return shown(request, reply, await after(merged));
    },
  );

  routes.post(
    '/api/records/patients/:id/unmerge',
    {
      onRequest: writers,
      schema: {
        tags,
        summary: 'Part a merged record again',
        params: PatientParams,
        headers: IfMatch,
        body: UnmergeBody,
        response: { 200: PatientSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const parted = {
        id: request.params.id,
        version: readIfMatch(request.headers['if-match']),
        ...request.body,
      };
      const record = await unmergePatients(db, parted, accessOf(request, 'patient.unmerge'), clock.now());
      return shown(request, reply, await after(record));
    },
  );

  routes.get(
    '/api/records/patients/:id/accesses',
    {
      onRequest: readers,
      schema: {
        tags,
        summary: 'Who read or changed a patient’s record; reading this is logged too',
        params: PatientParams,
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
        }),
        response: {
          200: Type.Object({
            accesses: Type.Array(
              Type.Object({
                at: Type.String({ format: 'date-time' }),
                professional: Type.String(),
                onBehalfOf: Type.Union([Type.String(), Type.Null()]),
                structure: Type.Union([Type.String(), Type.Null()], {
                  description: 'Number of the structure acted for: FINESS, or else SIRET',
                }),
                structureName: Type.Union([Type.String(), Type.Null()], {
                  description: 'As it was called then; null when that was not kept',
                }),
                action: Type.String(),
                route: Type.String(),
              }),
            ),
            next: Type.Optional(Type.Integer({ description: '`before` of the next page' })),
          }),
          ...refusals,
        },
      },
    },
    async (request) => {
      const access = accessOf(request, 'access.list');
      const { before } = request.query;
      const { entries, next } = await listAccesses(db, request.params.id, access, clock.now(), {
        before,
        onlyByDelegation: request.onlyByDelegation,
      });
      return {
        accesses: entries.map(({ id: _, at, ...entry }) => ({ at: at.toISOString(), ...entry })),
        ...(next !== undefined && { next }),
      };
    },
  );
}
