import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import type { Language, Texts } from '../texts.ts';
import { publishRevocations } from './revocations.ts';
import { verifyByCode } from './verify-by-code.ts';
import { type Verdict, verifyDcc, verifyTwoDDoc } from './verify-code.ts';
import { problemsOf } from './verify-page.ts';

/** How long proxies may keep the list of revocations. */
const revocationsMaxAgeSeconds = 300;
/** A checkpoint scans one certificate after the other; nobody scans ten a second. */
const limit = { max: 300, timeWindow: '1 minute' } as const;

const text = Type.String({ minLength: 1, maxLength: 5_000 });
const shortText = Type.String({ minLength: 1, maxLength: 100 });

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

/** `POST /api/certificates/verify` and the list of what is revoked; for anybody, and nothing is kept. */
export async function verifyRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db, texts } = deps;
  const { keys } = deps.certificates;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
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
          document: Type.Optional(
            strictObject(
              { number: shortText, code: shortText },
              {
                description:
                  'What is printed on a summary or an attestation; 422 when they do not belong together',
              },
            ),
          ),
        }),
        response: { 200: VerdictSchema, 400: ProblemSchema, 422: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request) => {
      const { hc1, twoDDoc, document } = request.body;
      if (Object.keys(request.body).length !== 1) {
        throw new Problem(400, 'invalid', { errors: [{ path: '/hc1', key: 'certificates.one_of' }] });
      }
      let verdict: Verdict | undefined;
      if (hc1 !== undefined) verdict = await verifyDcc(hc1, await verifying());
      else if (twoDDoc !== undefined) verdict = await verifyTwoDDoc(twoDDoc, await verifying());
      else if (document) verdict = await verifyByCode(document, await verifying());
      if (!verdict) {
        const path = '/document/code';
        throw new Problem(422, 'invalid', { errors: [{ path, key: 'certificates.unknown_code' }] });
      }
      return verdictJson(texts, languageOf(request), verdict);
    },
  );

  routes.get(
    '/api/certificates/revocations',
    {
      schema: {
        tags: ['certificates'],
        summary: 'What is revoked, by UVCI, document number or digest of what a 2D-Doc says, signed',
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
}

function verdictJson(texts: Texts, language: Language, verdict: Verdict): Static<typeof VerdictSchema> {
  return {
    valid: verdict.valid,
    problems: problemsOf(texts, language, verdict),
    content: verdict.content ? { ...verdict.content } : null,
    signer: verdict.signer ?? null,
  };
}
