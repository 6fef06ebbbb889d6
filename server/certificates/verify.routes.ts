import multipart from '@fastify/multipart';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import type { Language, Texts } from '../texts.ts';
import { publishRevocations } from './revocations.ts';
import { contentFields, type Verdict, verifyDcc, verifyDocument, verifyTwoDDoc } from './verify-code.ts';

/** What a photograph or a document may weigh, as the page says. */
const fileLimitBytes = 8 * 1024 * 1024;
/** How long proxies may keep the list of revocations. */
const revocationsMaxAgeSeconds = 300;
/** A checkpoint scans one certificate after the other; nobody scans ten a second. */
const limit = { max: 300, timeWindow: '1 minute' } as const;

const text = Type.String({ minLength: 1, maxLength: 5_000 });

const VerdictSchema = Type.Object({
  valid: Type.Boolean(),
  problems: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
  content: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]),
  signer: Type.Union([Type.String(), Type.Null()]),
});

const RevocationsSchema = Type.Object({
  payload: Type.String({
    description: 'JSON text: `{ issuedAt, revocations: [{ reference, revokedAt, reason }] }`',
  }),
  signature: Type.String({ description: 'Over the UTF-8 of `payload`, base64url' }),
  algorithm: Type.String(),
  certificate: Type.String({ description: 'DER, base64' }),
});

/** What somebody sent to be verified by the page. */
interface Sent {
  readonly text: string;
  readonly file?: Uint8Array;
}

/** `GET|POST /verifier`, `POST /api/certificates/verify` and the list of what is revoked; for anybody, and nothing is kept. */
export async function verifyRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db, texts, views } = deps;
  const { keys, pool } = deps.certificates;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  await app.register(multipart, {
    limits: { fileSize: fileLimitBytes, files: 1, fields: 4, fieldSize: 20_000, parts: 6 },
  });
  const verifying = async () => ({ db, trust: await keys.trust(), now: clock.now() });

  routes.post(
    '/api/certificates/verify',
    {
      config: { rateLimit: limit },
      schema: {
        tags: ['certificates'],
        summary: 'Whether a certificate is authentic and in force, and all that is wrong with it',
        body: strictObject({
          hc1: Type.Optional(text),
          twoDDoc: Type.Optional(text),
        }),
        response: { 200: VerdictSchema, 400: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request) => {
      const { hc1, twoDDoc } = request.body;
      if ((hc1 === undefined) === (twoDDoc === undefined)) {
        throw new Problem(400, 'invalid', { errors: [{ path: '/hc1', key: 'certificates.one_of' }] });
      }
      const verdict =
        hc1 === undefined
          ? await verifyTwoDDoc(twoDDoc ?? '', await verifying())
          : await verifyDcc(hc1, await verifying());
      return verdictJson(texts, languageOf(request), verdict);
    },
  );

  routes.get(
    '/api/certificates/revocations',
    {
      schema: {
        tags: ['certificates'],
        summary: 'Certificates that are revoked, by UVCI, signed',
        response: { 200: RevocationsSchema },
      },
      // After the hook that forbids to keep anything.
      onSend: async (_request, reply) => {
        if (reply.statusCode === 200)
          reply.header('cache-control', `public, max-age=${revocationsMaxAgeSeconds}`);
      },
    },
    async () => ({ ...(await publishRevocations(db, await keys.signer('document'))) }),
  );

  app.get('/verifier', async (request, reply) => {
    return sendPage(
      reply,
      views.page('certificates/verify', languageOf(request), page(languageOf(request), { text: '' })),
    );
  });

  app.post('/verifier', { config: { rateLimit: limit } }, async (request, reply) => {
    const language = languageOf(request);
    const sent = await readForm(request);
    const found = await verifySent(sent);
    const shown =
      typeof found === 'string'
        ? { text: sent.text, error: texts.say(language, `certificates.${found}`) }
        : { text: sent.text, verdict: found };
    reply.status(typeof found === 'string' ? 422 : 200);
    return sendPage(reply, views.page('certificates/verify', language, page(language, shown)));
  });

  /** The verdict, or the text of what stands in its way. */
  async function verifySent({
    text: typed,
    file,
  }: Sent): Promise<Verdict | 'nothing' | 'no_code' | 'unknown_text'> {
    if (!file || file.length === 0) return typed.trim() === '' ? 'nothing' : verifyText(typed);
    if (Buffer.from(file.subarray(0, 5)).toString('latin1') === '%PDF-') {
      return verifyDocument(file, await verifying());
    }
    const [code] = (await pool.picture(file).catch(() => [])).filter((each) => /^\s*(HC1:|DC0)/.test(each));
    return code === undefined ? 'no_code' : verifyText(code);
  }

  async function verifyText(typed: string): Promise<Verdict | 'unknown_text'> {
    if (/^\s*HC\d?:/.test(typed)) return verifyDcc(typed, await verifying());
    return /^\s*DC0/.test(typed) ? verifyTwoDDoc(typed, await verifying()) : 'unknown_text';
  }

  function page(
    language: Language,
    shown: { readonly text: string; readonly error?: string; readonly verdict?: Verdict },
  ) {
    const { verdict } = shown;
    return {
      page: 'verify',
      title: texts.say(language, 'certificates.title'),
      text: shown.text,
      error: shown.error,
      errors: shown.error === undefined ? [] : [{ field: 'text', message: shown.error }],
      verdict: verdict && {
        valid: verdict.valid,
        kind: texts.say(language, `certificates.kinds.${verdict.kind}`),
        signer: verdict.signer,
        problems: problemsOf(texts, language, verdict),
        content: contentOf(texts, language, verdict),
      },
    };
  }
}

async function readForm(request: FastifyRequest): Promise<Sent> {
  if (!request.isMultipart()) return { text: '' };
  let typed = '';
  let file: Uint8Array | undefined;
  for await (const part of request.parts()) {
    // @fastify/multipart refuses what is larger than its limit: 413.
    if (part.type === 'file') file = new Uint8Array(await part.toBuffer());
    else if (part.fieldname === 'text' && typeof part.value === 'string') typed = part.value;
  }
  return { text: typed, ...(file && { file }) };
}

function verdictJson(texts: Texts, language: Language, verdict: Verdict): Static<typeof VerdictSchema> {
  return {
    valid: verdict.valid,
    problems: problemsOf(texts, language, verdict),
    content: verdict.content ? { ...verdict.content } : null,
    signer: verdict.signer ?? null,
  };
}

function problemsOf(texts: Texts, language: Language, { findings }: Verdict) {
  return findings.map(({ code, parameters }) => ({
    code,
    message: texts.say(language, `certificates.findings.${code}`, parameters),
  }));
}

function contentOf(texts: Texts, language: Language, { content }: Verdict) {
  return contentFields.flatMap((field) => {
    const value = content?.[field];
    if (value === undefined || value === '') return [];
    const label = texts.say(language, `certificates.fields.${field}`);
    return [
      { label, value: field === 'event' ? texts.say(language, `certificates.events.${value}`) : value },
    ];
  });
}
