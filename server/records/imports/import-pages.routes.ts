import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import type { Language } from '../../texts.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { importColumns, neededColumns } from './import-columns.ts';
import { getImportProgress, listImports, reportOf } from './import-report.ts';
import { fileLimitBytes, receiveImport } from './receive-import.ts';
import { type ReportWords, type SaidLine, sayLine } from './say-row-error.ts';

const address = '/dossiers/import';
/** Refused rows shown on the page. */
const shownAtMost = 50;

const Params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const;

/** Sending a centre's file, and seeing what became of it. */
export async function importPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, config } = deps;
  const pages = recordsPages(deps);
  const vault = nirVault(config.records);
  const onRequest = requireRight(deps, 'record.import');
  await app.register(multipart, { limits: { files: 1, fields: 5, fileSize: 2 * fileLimitBytes } });
  app.removeContentTypeParser('application/json');

  async function sendForm(request: FastifyRequest, reply: FastifyReply, centre: string, problem?: Problem) {
    const language = languageOf(request);
    const details = problem?.describe(texts, language);
    const structure = request.professional.actingAs?.structure;
    return pages.send(request, reply, {
      name: 'records/import',
      section: 'import',
      title: texts.say(language, 'records-import.page.title'),
      status: problem?.statusCode ?? 200,
      path: address,
      data: {
        centre: centre || (structure?.siteFiness ?? structure?.legalFiness ?? ''),
        columns: Object.entries(importColumns).map(([column, [name]]) => ({
          name,
          label: texts.say(language, `records-import.columns.${column}`),
          needed: neededColumns.some((each) => each === column),
        })),
        earlier: (await listImports(db, request.professional.id)).map((each) => ({
          href: `${address}/${each.id}`,
          centre: each.centre,
          day: dayOf(language, each.createdAt),
        })),
        errors: details && [
          { field: problem?.code === 'import-centre' ? 'centre' : 'file', message: details.detail },
        ],
        heading: details?.title,
      },
    });
  }

  async function firstRefused(words: ReportWords, importId: string): Promise<readonly SaidLine[]> {
    const shown: SaidLine[] = [];
    for await (const line of reportOf(db, importId, 'refused')) {
      shown.push(sayLine(words, line));
      if (shown.length === shownAtMost) break;
    }
    return shown;
  }

  app.get(address, { onRequest }, async (request, reply) => sendForm(request, reply, ''));

  app.post(address, { onRequest, bodyLimit: fileLimitBytes }, async (request, reply) => {
    if (!request.isMultipart()) throw new Problem(415, 'media-type');
    let centre = '';
    try {
      const part = await request.file();
      if (part === undefined) throw new Problem(422, 'import-empty');
      // The form's fields stand before its file: they are all there when the file begins.
      centre = fieldOf(part, 'centre').trim();
      request.body = { token: fieldOf(part, 'token') };
      if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
      const sent = { centre, professional: request.professional, requestId: request.id };
      const { id } = await receiveImport(db, vault, part.file, sent, clock.now());
      deps.doorbell.ring();
      return reply.redirect(`${address}/${id}`, 303);
    } catch (error) {
      if (!(error instanceof Problem) || error.statusCode >= 500) throw error;
      return sendForm(request, reply, centre, error);
    }
  });

  app.get<{ Params: { id: string } }>(
    `${address}/:id`,
    { onRequest, schema: { params: Params } },
    async (request, reply) => {
      const language = languageOf(request);
      const progress = await getImportProgress(db, request.params.id, request.professional.id);
      const done = progress.state === 'done';
      const words = { texts, language, vaccines: await deps.recordRules.current() };
      const rows = await firstRefused(words, progress.id);
      const { finishedAt } = progress;
      const keptUntil = finishedAt && new Date(finishedAt.getTime() + config.records.importDays * 86_400_000);
      // A page without scripts looks again by itself.
      if (!done) reply.header('refresh', '5');
      return pages.send(request, reply, {
        name: 'records/import-progress',
        section: 'import',
        title: texts.say(language, done ? 'records-import.page.finished' : 'records-import.page.progress'),
        data: {
          ...progress,
          done,
          settled: progress.total - progress.waiting,
          report: `/api/records/imports/${progress.id}/report.csv?lang=${language}`,
          refusedRows: `/api/records/imports/${progress.id}/refused.csv?lang=${language}`,
          rows,
          more: rows.length === shownAtMost ? shownAtMost : undefined,
          keptUntil: keptUntil && dayOf(language, keptUntil),
        },
      });
    },
  );
}

/** A day as people write it, in Paris. */
function dayOf(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'Europe/Paris',
  }).format(at);
}

/** A text field that came before the file. */
function fieldOf({ fields }: MultipartFile, name: string): string {
  const field = fields[name];
  return field && !Array.isArray(field) && field.type === 'field' && typeof field.value === 'string'
    ? field.value
    : '';
}
