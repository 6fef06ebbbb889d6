import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { mayDo } from '../../identity/rights.ts';
import { Problem } from '../../problem.ts';
import { accessOf } from '../access-log/access-of.ts';
import { followsPatient } from '../access-log/follows-patient.ts';
import { entryOf, mayRecord } from '../acts/entry-of.ts';
import { fileOverview } from '../acts/file-overview-page.ts';
import { isUuid } from '../uuid.ts';
import { changePatient } from './change-patient.ts';
import { createPatient } from './create-patient.ts';
import { findMergeCandidates } from './find-merge-candidates.ts';
import { type Patient, type PatientRecord, readPatient } from './find-patient.ts';
import { type Found, searchPatients } from './find-patients.ts';
import { mergePatients, unmergePatients } from './merge-patients.ts';
import { nirVault } from './nir-vault.ts';
import { sayNoNirReason, storedNoNirReason } from './no-nir-reason.ts';
import { formOf, type PatientForm, readPatientForm, traitsOfForm } from './patient-form.ts';
import { patientView, patientWarnings } from './patient-schemas.ts';
import { patientWords } from './patient-words.ts';
import { sexes } from './patients.table.ts';

interface Params {
  readonly Params: { readonly id: string };
}

/** Patients, for people: `/dossiers` and what is below it but the acts and the list of accesses. */
export async function patientPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, config, texts } = deps;
  const vault = nirVault(config.records);
  const pages = recordsPages(deps);
  const readers = { onRequest: requireRight(deps, 'patient.read') };
  const writers = { onRequest: requireRight(deps, 'patient.write') };

  app.addHook('preHandler', async (request) => {
    const { id } = request.params as { readonly id?: string };
    if (id !== undefined && !isUuid(id)) throw new Problem(404, 'no-such-patient');
  });

  const say = (request: FastifyRequest, key: string, parameters = {}) =>
    texts.say(languageOf(request), `records-patients.${key}`, parameters);
  const words = (request: FastifyRequest, record: PatientRecord) =>
    patientWords(texts, languageOf(request), record);
  const warningsOf = (request: FastifyRequest, patient: Patient) =>
    patientWarnings(patient).map(({ key }) => texts.say(languageOf(request), key));
  const sexOptions = (request: FastifyRequest) =>
    sexes.map((value) => ({ value, label: say(request, `sexes.${value}`) }));

  /** What a page says of a refusal: each field's sentence, and the summary above. */
  function refusalOf(request: FastifyRequest, problem: Problem | undefined) {
    if (!problem) return {};
    const { errors = [], title, detail } = problem.describe(texts, languageOf(request));
    const fields = Object.fromEntries(errors.map(({ path, message }) => [path.slice(1), message]));
    const summary = errors.map(({ path, message }) => ({ field: path.slice(1), message }));
    return {
      fields,
      errors: summary.length > 0 ? summary : [{ message: detail }],
      heading: summary.length > 0 ? undefined : title,
    };
  }

  /** Does what a form asks for; whatever is refused comes back on the form's own page, with all that was typed. */
  async function orAgain(
    request: FastifyRequest,
    run: () => Promise<FastifyReply>,
    again: (problem: Problem) => FastifyReply | Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    try {
      if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
      return await run();
    } catch (error) {
      const problem = asProblem(error as FastifyError); // Whatever was thrown, as the app's own handler takes it.
      if (problem.statusCode >= 500 && problem.code !== 'access-not-logged') throw error;
      if (problem.statusCode === 404) throw problem;
      return again(problem);
    }
  }

  async function showSearch(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: { readonly typed?: Search; readonly found?: Found; readonly problem?: Problem } = {},
  ) {
    const { typed, found, problem } = shown;
    const rights = await deps.identity.rights.current();
    return pages.send(request, reply, {
      name: 'records/patients-search',
      section: 'patients',
      title: say(request, 'search.title'),
      status: problem?.statusCode ?? 200,
      path: '/dossiers',
      data: {
        typed,
        byNir: typed?.by === 'nir',
        maySupervise: 'allowed' in mayDo(request.professional, 'records.supervise', clock.now(), rights),
        ...refusalOf(request, problem),
        results: found && {
          patients: found.patients.map((each) => words(request, each)),
          title: say(request, 'search.found', { count: found.patients.length }),
          more: found.more,
          toInjection: await mayRecord('injection', request, deps),
        },
      },
    });
  }

  app.get('/dossiers', readers, async (request, reply) => showSearch(request, reply));

  app.post('/dossiers', readers, async (request, reply) => {
    const typed = readSearch(request.body);
    return orAgain(
      request,
      async () => {
        const { by, nir, ...traits } = typed;
        const asked = by === 'nir' ? { nir } : traits;
        const access = accessOf(request, 'patients.search');
        const found = await searchPatients(db, vault, asked, access, clock.now());
        return showSearch(request, reply, { typed, found });
      },
      (problem) => showSearch(request, reply, { typed, problem }),
    );
  });

  interface FormShown {
    readonly form: PatientForm;
    readonly problem?: Problem;
    readonly likely?: readonly PatientRecord[];
    /** Sentences about what is stored. */
    readonly warnings?: readonly string[];
    /** The record that is changed; absent: one is made. */
    readonly of?: { readonly id: string; readonly version: string };
  }

  function showForm(request: FastifyRequest, reply: FastifyReply, shown: FormShown) {
    const { form, problem, likely, warnings, of } = shown;
    const back = of ? `/dossiers/${of.id}` : '/dossiers';
    return pages.send(request, reply, {
      name: 'records/patients-form',
      section: 'patients',
      title: say(request, of ? 'form.changeTitle' : 'form.createTitle'),
      status: problem?.statusCode ?? (likely ? 409 : 200),
      path: of ? `${back}/modifier` : '/dossiers/nouveau',
      data: {
        form,
        of,
        warnings,
        back,
        action: of ? `${back}/modifier` : '/dossiers/nouveau',
        sexOptions: sexOptions(request),
        likely: likely?.map((each) => words(request, each)),
        ...refusalOf(request, problem),
      },
    });
  }

  app.get('/dossiers/nouveau', writers, async (request, reply) =>
    showForm(request, reply, { form: readPatientForm(undefined) }),
  );

  app.post('/dossiers/nouveau', writers, async (request, reply) => {
    const form = readPatientForm(request.body);
    return orAgain(
      request,
      async () => {
        // From a search that found nobody: what was typed there is not typed again.
        if (formField(request.body, 'begin')) return showForm(request, reply, { form });
        const notThese = (formField(request.body, 'notThese') ?? '').split(' ').filter((id) => id !== '');
        const input = { ...traitsOfForm(form), notThese };
        const creation = await createPatient(
          db,
          vault,
          input,
          accessOf(request, 'patient.create'),
          clock.now(),
        );
        if ('likely' in creation) return showForm(request, reply, { form, likely: creation.likely });
        return reply.redirect(`/dossiers/${creation.created.id}`, 303);
      },
      (problem) => showForm(request, reply, { form, problem }),
    );
  });

  async function showPatient(
    request: FastifyRequest<Params>,
    reply: FastifyReply,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const access = accessOf(request, 'patient.read');
    const patient = await readPatient(db, vault, request.params.id, access, clock.now());
    const { mergedInto } = patient.record;
    if (mergedInto !== null) return reply.redirect(`/dossiers/${mergedInto}`, 303);
    const shown = words(request, patient.record);
    const overview = await fileOverview(deps, {
      patientId: patient.record.id,
      entry: await entryOf(request, deps),
      language: languageOf(request),
    });
    return pages.send(request, reply, {
      name: 'records/patients-file',
      section: 'patients',
      title: shown.name,
      status: problem?.statusCode ?? 200,
      path: shown.address,
      data: {
        patient: shown,
        overview,
        nir: patientView(patient, request.onlyByDelegation).nir,
        warnings: warningsOf(request, patient),
        merged: patient.merged.map((each) => words(request, each)),
        toAccesses:
          !request.onlyByDelegation && (await followsPatient(db, request.professional.id, patient.record.id)),
        toInjection: await mayRecord('injection', request, deps),
        toConsultation: await mayRecord('consultation', request, deps),
        ...refusalOf(request, problem),
      },
    });
  }

  app.get<Params>('/dossiers/:id', readers, async (request, reply) => showPatient(request, reply));

  app.get<Params>('/dossiers/:id/modifier', writers, async (request, reply) => {
    const access = accessOf(request, 'patient.read');
    const patient = await readPatient(db, vault, request.params.id, access, clock.now());
    const { record, nir } = patient;
    const of = { id: record.id, version: String(record.version) };
    const form = formOf(record, nir);
    // Whoever acts only by delegation is not shown a NIR; left empty, it stays.
    const noNirReason = sayNoNirReason(texts, languageOf(request), form.noNirReason);
    const shown = request.onlyByDelegation ? { ...form, nir: '', noNirReason: '' } : { ...form, noNirReason };
    return showForm(request, reply, { form: shown, of, warnings: warningsOf(request, patient) });
  });

  app.post<Params>('/dossiers/:id/modifier', writers, async (request, reply) => {
    const { id } = request.params;
    const form = readPatientForm(request.body);
    const version = formField(request.body, 'version') ?? '';
    return orAgain(
      request,
      async () => {
        if (form.reason.trim() === '') throw reasonNeeded();
        const { nir, noNirReason, ofParent, ...traits } = traitsOfForm(form);
        const unsaid = request.onlyByDelegation && nir === '' && noNirReason === '';
        const reason = storedNoNirReason(texts, noNirReason);
        const number = unsaid ? {} : { nir, noNirReason: reason, ofParent };
        const change = { ...traits, ...number, reason: form.reason.trim() };
        const reference = { id, version: Number(version) };
        await changePatient(db, vault, reference, change, accessOf(request, 'patient.correct'), clock.now());
        return reply.redirect(`/dossiers/${id}`, 303);
      },
      (problem) => {
        // Sent again, it is sent knowing that somebody changed the record meanwhile.
        const now = problem.code === 'stale-record' ? String(problem.extensions.version ?? version) : version;
        return showForm(request, reply, { form, problem, of: { id, version: now } });
      },
    );
  });

  async function showMerge(
    request: FastifyRequest<Params>,
    reply: FastifyReply,
    shown: { readonly into?: string; readonly reason?: string; readonly problem?: Problem } = {},
  ) {
    const access = accessOf(request, 'patients.likely');
    const { id } = request.params;
    const { record, candidates } = await findMergeCandidates(db, vault, id, access, clock.now());
    return pages.send(request, reply, {
      name: 'records/patients-merge',
      section: 'patients',
      title: say(request, 'merge.title'),
      status: shown.problem?.statusCode ?? 200,
      path: `/dossiers/${id}/reunir`,
      data: {
        ...shown,
        patient: words(request, record),
        options: candidates.map((each) => {
          const { name, born, sex } = words(request, each);
          return { value: each.id, label: name, hint: say(request, 'merge.option', { born, sex }) };
        }),
        ...refusalOf(request, shown.problem),
      },
    });
  }

  app.get<Params>('/dossiers/:id/reunir', writers, async (request, reply) => showMerge(request, reply));

  app.post<Params>('/dossiers/:id/reunir', writers, async (request, reply) => {
    const { id } = request.params;
    const into = formField(request.body, 'into') ?? '';
    const reason = (formField(request.body, 'reason') ?? '').trim().slice(0, 500);
    return orAgain(
      request,
      async () => {
        if (!isUuid(into)) {
          const error = { path: '/into', key: 'records-patients.errors.choose' };
          throw new Problem(422, 'invalid', { errors: [error] });
        }
        if (reason === '') throw reasonNeeded();
        await mergePatients(db, { id, into, reason }, accessOf(request, 'patient.merge'), clock.now());
        return reply.redirect(`/dossiers/${into}`, 303);
      },
      (problem) => showMerge(request, reply, { into, reason, problem }),
    );
  });

  app.post<Params>('/dossiers/:id/separer', writers, async (request, reply) => {
    const { id } = request.params;
    const reason = (formField(request.body, 'reason') ?? '').trim().slice(0, 500);
    return orAgain(
      request,
      async () => {
        if (reason === '') throw reasonNeeded();
        await unmergePatients(db, { id, reason }, accessOf(request, 'patient.unmerge'), clock.now());
        return reply.redirect(`/dossiers/${id}`, 303);
      },
      // The form stands on the page of the record that this one was merged into, which leads on there.
      async (problem) => showPatient(request, reply, problem),
    );
  });
}

interface Search {
  readonly by: 'nir' | 'traits';
  readonly nir: string;
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
}

function readSearch(body: unknown): Search {
  const text = (name: string) => (formField(body, name) ?? '').slice(0, 200);
  return {
    by: formField(body, 'by') === 'traits' ? 'traits' : 'nir',
    nir: text('nir'),
    family: text('family'),
    given: text('given'),
    birthDate: text('birthDate'),
  };
}

function reasonNeeded(): Problem {
  const error = { path: '/reason', key: 'records-patients.errors.reason' };
  return new Problem(422, 'invalid', { errors: [error] });
}
