import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { allowCamera } from '../http/security.ts';
import type { Language } from '../texts.ts';
import { PoolIsFull } from './pool/document-pool.ts';
import { verifyByCode } from './verify-by-code.ts';
import { type Verdict, verifyDcc, verifyDocument, verifyTwoDDoc } from './verify-code.ts';
import { type Fault, type Shown, verifyPage } from './verify-page.ts';

/** What a photograph or a document may weigh, as the page says. */
const fileLimitBytes = 8 * 1024 * 1024;
/** A checkpoint sends one picture after the other, and may share its address with a whole hospital. */
const sendingLimit = { max: 300, timeWindow: '1 minute' } as const;
/** Looking up by code: enough for a counter, and a code (32^12) is not guessed in centuries. */
const codeLimit = { max: 60, timeWindow: '1 minute' } as const;
const retryAfterSeconds = 10;

/** What somebody sent to be verified; the file undefined where there is none, or too large. */
interface Sent {
  readonly text: string;
  readonly file?: Uint8Array;
  readonly tooLarge: boolean;
}

/** What stands in the way of a verdict, with the field that it is about. */
interface Obstacle {
  readonly status: 422 | 503;
  readonly fault: Fault;
}

/** `GET|POST /verifier`: by number and code, by text, photograph or document; for anybody, and nothing is kept. */
export async function verifyPageRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db, texts, views } = deps;
  const { keys, pool } = deps.certificates;
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: fileLimitBytes, files: 2, fields: 4, fieldSize: 20_000, parts: 6 },
  });
  const verifying = async () => ({ db, trust: await keys.trust(), now: clock.now() });
  const render = (language: Language, shown: Shown) =>
    views.page('certificates/verify', language, verifyPage(texts, language, shown));

  app.get(
    '/verifier',
    { onRequest: allowCamera, config: { rateLimit: codeLimit } },
    async (request, reply) => {
      const language = languageOf(request);
      const [number, code] = [queryOf(request, 'numero'), queryOf(request, 'code')];
      const typed = { text: '', number: number ?? '', code: code ?? '' };
      if (number === undefined && code === undefined) return sendPage(reply, render(language, typed));
      const verdict = await verifyByCode(typed, await verifying());
      if (!verdict) reply.status(422);
      return sendPage(
        reply,
        render(language, verdict ? { ...typed, verdict } : { ...typed, fault: faultOfCode(typed) }),
      );
    },
  );

  app.post(
    '/verifier',
    { onRequest: allowCamera, config: { rateLimit: sendingLimit } },
    async (request, reply) => {
      const sent = await readForm(request);
      const found = await verifySent(sent);
      const typed = { text: sent.text, number: '', code: '' };
      if ('status' in found) {
        reply.status(found.status);
        if (found.status === 503) reply.header('retry-after', retryAfterSeconds);
        return sendPage(reply, render(languageOf(request), { ...typed, fault: found.fault }));
      }
      return sendPage(reply, render(languageOf(request), { ...typed, verdict: found }));
    },
  );

  async function verifySent({ text, file, tooLarge }: Sent): Promise<Verdict | Obstacle> {
    if (tooLarge) return refused('file', 'certificates.too_large');
    if (!file || file.length === 0)
      return text.trim() === '' ? refused('text', 'certificates.nothing') : verifyText(text, 'text');
    if (Buffer.from(file.subarray(0, 5)).toString('latin1') === '%PDF-') {
      return verifyDocument(file, await verifying());
    }
    let found: readonly string[] = [];
    try {
      found = await pool.picture(file);
    } catch (error) {
      if (error instanceof PoolIsFull) return { ...refused('file', 'certificates.busy'), status: 503 };
      // Whatever else a picture did to its reader, there is no code to be had from it.
    }
    const code = found.find((each) => /^\s*(HC1:|DC0)/.test(each));
    if (code !== undefined) return verifyText(code, 'file');
    for (const link of found) {
      const typed = numberAndCodeOf(link);
      if (typed)
        return (await verifyByCode(typed, await verifying())) ?? refused('file', 'certificates.unknown_code');
    }
    return refused('file', 'certificates.no_code');
  }

  async function verifyText(text: string, field: 'text' | 'file'): Promise<Verdict | Obstacle> {
    if (/^\s*HC\d?:/.test(text)) return verifyDcc(text, await verifying());
    return /^\s*DC0/.test(text)
      ? verifyTwoDDoc(text, await verifying())
      : refused(field, 'certificates.unknown_text');
  }
}

function refused(field: 'text' | 'file', text: string): Obstacle {
  return { status: 422, fault: { field, text } };
}

/** Which of the two is missing; else that they do not belong together. */
function faultOfCode({ number, code }: { readonly number: string; readonly code: string }): Fault {
  if (number.trim() === '') return { field: 'numero', text: 'certificates.no_number' };
  return code.trim() === ''
    ? { field: 'code', text: 'certificates.no_verification_code' }
    : { field: 'code', text: 'certificates.unknown_code' };
}

/** What the QR code of a document leads here with; undefined for another one's text. */
function numberAndCodeOf(text: string): { readonly number: string; readonly code: string } | undefined {
  if (!URL.canParse(text)) return undefined;
  const { pathname, searchParams } = new URL(text);
  const [number, code] = [searchParams.get('numero'), searchParams.get('code')];
  if (!pathname.endsWith('/verifier') || number === null || code === null) return undefined;
  return { number: number.slice(0, 100), code: code.slice(0, 100) };
}

/** A text of the address; undefined when it is not there, empty when it is there twice. */
function queryOf(request: FastifyRequest, name: string): string | undefined {
  const query: unknown = request.query;
  if (typeof query !== 'object' || query === null || !(name in query)) return undefined;
  const value: unknown = Object.entries(query).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value.slice(0, 100) : '';
}

async function readForm(request: FastifyRequest): Promise<Sent> {
  let text = '';
  let file: Uint8Array | undefined;
  let tooLarge = false;
  if (!request.isMultipart()) return { text, tooLarge };
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const bytes = new Uint8Array(await part.toBuffer());
      tooLarge ||= part.file.truncated;
      // A field without a file is sent as an empty one.
      if (!part.file.truncated && bytes.length > 0) file = bytes;
    } else if (part.fieldname === 'text' && typeof part.value === 'string') text = part.value;
  }
  return { text, tooLarge, ...(file && { file }) };
}
