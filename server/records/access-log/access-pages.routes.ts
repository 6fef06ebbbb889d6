import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import { patientWords } from '../patients/patient-words.ts';
import { isUuid } from '../uuid.ts';
import { accessOf } from './access-of.ts';
import { listAccesses } from './list-accesses.ts';

interface Params {
  readonly Params: { readonly id: string };
  readonly Querystring: { readonly before?: unknown };
}

/** Who read or changed a patient's record, for who follows them to read and print: `/dossiers/{id}/acces`. */
export async function accessPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, config, texts } = deps;
  const pages = recordsPages(deps);
  const readers = { onRequest: requireRight(deps, 'patient.read') };

  app.get<Params>('/dossiers/:id/acces', readers, async (request, reply) => {
    const { id } = request.params;
    if (!isUuid(id)) throw new Problem(404, 'no-such-patient');
    const now = clock.now();
    const { before: asked } = request.query;
    const before = typeof asked === 'string' && /^[1-9]\d{0,14}$/.test(asked) ? Number(asked) : undefined;
    const { onlyByDelegation } = request;
    const access = accessOf(request, 'access.list');
    const { record, entries, next } = await listAccesses(db, id, access, now, {
      before,
      onlyByDelegation,
    });
    const patient = patientWords(texts, languageOf(request), record);
    return pages.send(request, reply, {
      name: 'records/access-list',
      section: 'patients',
      title: texts.say(languageOf(request), 'records-patients.accesses.title'),
      data: {
        patient,
        now: now.toISOString(),
        days: config.records.accessLogDays,
        entries: entries.map(({ at, structure, ...entry }) => ({
          ...entry,
          at: at.toISOString(),
          // A FINESS number has 9 characters, a SIRET 14.
          structure: structure && { kind: structure.length === 9 ? 'finess' : 'siret', number: structure },
        })),
        next: next === undefined ? undefined : `${patient.address}/acces?before=${next}`,
      },
    });
  });
}
