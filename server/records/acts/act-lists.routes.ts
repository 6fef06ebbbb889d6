import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import type { Language } from '../../texts.ts';
import { logAccess, logAccesses } from '../access-log/log-access.ts';
import { type EventWording, eventCard } from '../adverse-events/adverse-event-page.ts';
import { listAdverseEvents, selectAdverseEvents } from '../adverse-events/find-adverse-events.ts';
import { findPatientHead } from '../patients/find-patient-head.ts';
import { adverseEvents } from './acts.table.ts';
import { actCard, doneOf, fileHead, nameOf, shownFindings } from './acts-page.ts';
import { awaits } from './awaits.ts';
import { countWaiting } from './count-waiting.ts';
import { entryOf } from './entry-of.ts';
import { type Act, listActs, listUnvalidated } from './find-act.ts';
import { tellDoubles } from './shown-once.ts';

/** The acts of a file, and those that wait for one's validation. */
export async function actListsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, recordRules, config } = deps;
  const pages = recordsPages(deps);

  const wordingOf = async (language: Language): Promise<EventWording> => ({
    texts,
    language,
    vaccines: await recordRules.current(),
    terminologies: config.terminologies,
  });

  app.get<{ Params: { readonly id: string } }>(
    '/dossiers/:id/actes',
    { onRequest: requireRight(deps, 'patient.read'), schema: { params: FileParams } },
    async (request, reply) => {
      const language = languageOf(request);
      const patientId = request.params.id;
      const entry = await entryOf(request, deps);
      const wording = await wordingOf(language);
      const patient = await findPatientHead(db, patientId);
      if (!patient) throw new Problem(404, 'no-such-patient');
      const acts = await db.transaction(async (tx) => {
        const found = { ...(await listActs(tx, patientId)), events: await listAdverseEvents(tx, patientId) };
        await logAccess(tx, { ...entry, patientId, action: 'acts.list' }, clock.now());
        return found;
      });
      const cards = (all: readonly Act[]) => all.map((act) => actCard(wording, patientId, act));
      const data = {
        ...fileHead(patient, language),
        injections: tellDoubles(acts.injections, acts.doubles, (await recordRules.current()).doseRules).map(
          (act) => ({
            ...actCard(wording, patientId, act),
            findings: shownFindings(
              wording,
              act.findings.filter(({ kind }) => kind === 'entered_twice'),
            ),
          }),
        ),
        consultations: cards(acts.consultations),
        events: acts.events.map((event) => eventCard(wording, patientId, event)),
      };
      const title = texts.say(language, 'records-acts.file.title');
      return pages.send(request, reply, { name: 'records/injections', section: 'patients', title, data });
    },
  );

  app.get(
    '/dossiers/a-valider',
    { onRequest: requireRight(deps, 'record.validate') },
    async (request, reply) => {
      const language = languageOf(request);
      const entry = await entryOf(request, deps);
      const wording = await wordingOf(language);
      const acts = await db.transaction(async (tx) => {
        const found = [
          ...(await listUnvalidated(tx, entry)),
          ...(await selectAdverseEvents(tx, awaits(adverseEvents, entry))),
        ].sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
        const ids = found.map(({ patientId }) => patientId);
        await logAccesses(tx, ids, { ...entry, action: 'acts.list' }, clock.now());
        return found;
      });
      const heads = new Map(
        await Promise.all(
          [...new Set(acts.map(({ patientId }) => patientId))].map(
            async (id) => [id, await findPatientHead(db, id)] as const,
          ),
        ),
      );
      const data = {
        done: doneOf(texts, language, request.query),
        acts: acts.map((act) => ({
          ...('kind' in act ? actCard(wording, act.patientId, act) : eventCard(wording, act.patientId, act)),
          version: act.version,
          patient: heads.get(act.patientId)?.name,
          // Entered by the one who did it, and not by a delegate of the reader's.
          trainee: act.performedBy.id === entry.professional.id ? undefined : nameOf(act.performedBy),
        })),
      };
      const title = texts.say(language, 'records-acts.waiting_list.title');
      return pages.send(request, reply, {
        name: 'records/injections-waiting',
        section: 'waiting',
        title,
        data,
      });
    },
  );
}

/** How many acts wait for the validation of whoever asks, for pages that lead to `/dossiers/a-valider`. */
export function waitingActs(deps: Dependencies): (request: FastifyRequest) => Promise<number> {
  return async (request) => countWaiting(deps.db, await entryOf(request, deps));
}

const FileParams = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const;
