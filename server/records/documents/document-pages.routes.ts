import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import { fileHead, nameOf } from '../acts/acts-page.ts';
import { entryOf } from '../acts/entry-of.ts';
import { findPatientHead } from '../patients/find-patient-head.ts';
import { documentToolsOf } from './document-tools-of.ts';
import { printRequested, sendCode, sendPdf, walletCodes, walletFormats } from './documents.routes.ts';
import { getDocument, type ListedDocument, listDocuments } from './find-documents.ts';
import { findSigners } from './find-signers.ts';
import { issueDocument } from './issue-document.ts';

interface FileRequest {
  Params: { readonly id: string };
}

const uuid = { type: 'string', format: 'uuid' } as const;
const FileParams = { type: 'object', properties: { id: uuid }, required: ['id'] } as const;
const DocumentParams = {
  type: 'object',
  properties: { id: uuid, itemId: uuid },
  required: ['id', 'itemId'],
} as const;
const kinds = ['summary', 'attestation'] as const;
const languages = ['fr', 'both'] as const;

/** The signed documents of a patient's file: what was issued and withdrawn, one more, printing. */
export async function documentPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, texts } = deps;
  const pages = recordsPages(deps);
  const toRead = requireRight(deps, 'patient.read');
  const toSign = requireRight(deps, 'summary.sign', 'entry.on_behalf');

  async function show(request: FastifyRequest<FileRequest>, reply: FastifyReply, problem?: Problem) {
    const language = languageOf(request);
    const { id: patientId } = request.params;
    const say = (key: string, parameters = {}) => texts.say(language, `records-documents.${key}`, parameters);
    const entry = await entryOf(request, deps);
    const head = await findPatientHead(db, patientId);
    if (!head) throw new Problem(404, 'no-such-patient');
    const documents = await listDocuments(db, entry, patientId, clock.now());
    const sign = entry.may('summary.sign');
    const signs = 'allowed' in sign && !sign.byDelegation;
    const signers = signs ? [] : await findSigners(db, entry, patientId, clock.now());
    const details = problem?.describe(texts, language);
    const { fait } = request.query as { readonly fait?: unknown };
    const done = documents.find(({ number }) => number === fait);
    const title = say('title');
    return pages.send(request, reply, {
      name: 'records/documents',
      section: 'patients',
      title,
      status: problem?.statusCode ?? 200,
      path: `/dossiers/${patientId}/documents`,
      data: {
        ...fileHead(head, language),
        documents: documents.map((each) => shown(each, patientId, say)),
        done: done && !problem && say('done', { number: done.number }),
        mayMake: signs || signers.length > 0,
        signers:
          signers.length > 0 &&
          signers.map((each) => ({ value: each.nationalIdentifier, label: nameOf(each) })),
        kinds: kinds.map((value) => ({ value, label: say(`kinds.${value}`) })),
        languages: languages.map((value) => ({ value, label: say(`languages.${value}`) })),
        values: Object.fromEntries(
          ['kind', 'language', 'signer'].map((name) => [name, formField(request.body, name)]),
        ),
        kindError: details?.errors?.[0]?.message,
        heading: details && !details.errors ? details.title : undefined,
        errors:
          details &&
          (details.errors?.map(({ message }) => ({ field: 'kind', message })) ?? [
            { message: details.detail },
          ]),
      },
    });
  }

  app.get<FileRequest>(
    '/dossiers/:id/documents',
    { onRequest: toRead, schema: { params: FileParams } },
    async (request, reply) => show(request, reply),
  );

  app.post<FileRequest>(
    '/dossiers/:id/documents',
    { onRequest: toSign, schema: { params: FileParams } },
    async (request, reply) => {
      try {
        if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
        const { id: patientId } = request.params;
        const typed = formField(request.body, 'kind');
        const kind = kinds.find((each) => each === typed);
        if (!kind) {
          const error = { path: '/kind', key: 'records-documents.errors.kind' };
          throw new Problem(422, 'invalid', { errors: [error] });
        }
        const entry = await entryOf(request, deps);
        const id = await issueDocument(
          await documentToolsOf(deps),
          entry,
          {
            kind,
            patientId,
            bilingual: formField(request.body, 'language') === 'both',
            signer: formField(request.body, 'signer') || undefined,
          },
          clock.now(),
        );
        const { number } = await getDocument(db, { patientId, id });
        return reply.redirect(`/dossiers/${patientId}/documents?fait=${number}`, 303);
      } catch (error) {
        const problem = asProblem(error as FastifyError); // Whatever was thrown, as the app's own handler takes it.
        const shownHere = ['no-signing-key', 'documents-busy'].includes(problem.code);
        if (problem.statusCode === 404 || (problem.statusCode >= 500 && !shownHere)) throw error;
        return show(request, reply, problem);
      }
    },
  );

  app.get<{ Params: { readonly id: string; readonly itemId: string } }>(
    '/dossiers/:id/documents/:itemId.pdf',
    { onRequest: toRead, schema: { params: DocumentParams } },
    async (request, reply) => {
      const { id: patientId, itemId: id } = request.params;
      return sendPdf(reply, await printRequested(deps, request, { patientId, id }));
    },
  );

  for (const code of walletCodes) {
    for (const format of walletFormats) {
      app.get<{ Params: { readonly id: string; readonly itemId: string } }>(
        `/dossiers/:id/documents/:itemId/${code}.${format}`,
        { onRequest: toRead, schema: { params: DocumentParams } },
        async (request, reply) => {
          const { id: patientId, itemId: id } = request.params;
          const document = await printRequested(deps, request, { patientId, kind: 'attestation', id });
          reply.header('content-disposition', `attachment; filename="${document.number}-${code}.${format}"`);
          return sendCode(reply, document, code, format);
        },
      );
    }
  }
}

/** A document as its card shows it. */
function shown(
  document: ListedDocument,
  patientId: string,
  say: (key: string, parameters?: Readonly<Record<string, string | number>>) => string,
) {
  const { id, kind, number, signedBy, requestedBy, withdrawnAt, withdrawnReason, replacedByNumber } =
    document;
  const address = `/dossiers/${patientId}/documents/${id}`;
  const stands = withdrawnAt === null;
  const why =
    withdrawnReason &&
    [
      say(`reasons.${withdrawnReason}`),
      replacedByNumber === null ? say('not_replaced') : say('replaced', { number: replacedByNumber }),
      say('told'),
    ].join(' ');
  return {
    id,
    number,
    title: say(`kinds.${kind}`),
    issuedAt: document.issuedAt.toISOString(),
    signer: nameOf(signedBy),
    requester: requestedBy.id === signedBy.id ? undefined : nameOf(requestedBy),
    code: document.verificationCode,
    pdf: `${address}.pdf`,
    since: stands && document.actsSince > 0 ? say(`since.${kind}`, { count: document.actsSince }) : undefined,
    codes:
      stands &&
      kind === 'attestation' &&
      walletCodes.map((code) => ({
        name: say(`code_of.${code}`),
        pictures: walletFormats.map((format) => ({
          format: format.toUpperCase(),
          href: `${address}/${code}.${format}`,
        })),
      })),
    withdrawn: withdrawnAt && { at: withdrawnAt.toISOString(), why },
  };
}
