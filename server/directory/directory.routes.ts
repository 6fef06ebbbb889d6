import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { findAgent, requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import type { Language, Texts } from '../texts.ts';
import { describeProfessional, type ProfessionHeld } from './describe-professional.ts';
import type { DirectoryLimits } from './directory-limits.ts';
import { findProfessional } from './find-professional.ts';
import { type Identifier, readIdentifier } from './identifier.ts';
import { professionLabel } from './profession-label.ts';
import { isSearchable, searchProfessionals, shortestName } from './search-professionals.ts';

const ProfessionSchema = Type.Object({
  code: Type.String({ description: 'Code of TRE_G15' }),
  label: Type.String({ description: 'In the request’s language' }),
  inTraining: Type.Boolean({ description: 'Told by the category: the code is that of the profession' }),
});

const numbers = {
  rpps: Type.Union([Type.String(), Type.Null()], { description: '11 digits; null for an ADELI number' }),
  adeli: Type.Optional(Type.String({ description: 'Only when that is the number' })),
};

const ProfessionalSchema = Type.Object(
  {
    ...numbers,
    professions: Type.Array(ProfessionSchema),
    activities: Type.Array(
      Type.Object({
        mode: Type.String({ description: 'L, S or B' }),
        sector: Type.Optional(Type.String({ description: 'Code of TRE_R02' })),
        finess: Type.Optional(Type.String()),
      }),
      {
        description:
          'In no meaningful order, as `POST /api/routing/decision` takes them; none for stand-ins and students',
      },
    ),
    registrationAuthority: Type.Union([Type.String(), Type.Null()], {
      description: 'Who holds the contact details; null when several may',
    }),
    warnings: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
  },
  { title: 'Professional' },
);

const FoundSchema = Type.Object({
  professionals: Type.Array(
    Type.Object({
      ...numbers,
      familyName: Type.Union([Type.String(), Type.Null()]),
      givenName: Type.Union([Type.String(), Type.Null()]),
      department: Type.Union([Type.String(), Type.Null()], {
        description: 'Null for whoever has no place of work, and may be anywhere',
      }),
      professions: Type.Array(ProfessionSchema),
      modes: Type.Array(Type.String()),
    }),
  ),
  more: Type.Boolean({ description: 'There are others: type more of the name' }),
});

const LanguageSchema = Type.Optional(Type.String({ description: '`fr` or `en`' }));

/** What the open directory knows of a professional, without contact details; for anybody by number, for agents by name. */
export async function directoryRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  limits: DirectoryLimits,
): Promise<void> {
  const { db, texts } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['directory'];

  routes.get(
    '/api/directory/:rpps',
    {
      schema: {
        tags,
        summary: 'What the open directory knows of a professional',
        params: Type.Object({
          rpps: Type.String({
            maxLength: 30,
            description: 'RPPS number (11 digits, or 12 with the leading 8) or ADELI number',
          }),
        }),
        querystring: strictObject({ lang: LanguageSchema }),
        response: { 200: ProfessionalSchema, 400: ProblemSchema, 404: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request) => {
      const identifier = readIdentifier(request.params.rpps);
      if (!identifier) throw refusal('/params/rpps', 'directory.fields.identifier');
      const agent = await findAgent(request, deps);
      await limits.admit(request, agent?.id);

      const found = await findProfessional(db, identifier);
      if (!found) {
        await limits.missed(request, agent?.id);
        throw new Problem(404, 'not-in-directory');
      }
      const language = languageOf(request);
      const { professions, practitioner, authority, ambiguous } = describeProfessional(found);
      const warnings: Static<typeof ProfessionalSchema>['warnings'] = [];
      if (identifier.kind === 'rpps' && !identifier.keyHolds) {
        warnings.push({ path: '/rpps', message: texts.say(language, 'routing.warnings.rpps') });
      }
      if (ambiguous.includes('authority')) {
        const message = texts.say(language, 'directory.warnings.authorities');
        warnings.push({ path: '/registrationAuthority', message });
      }
      return {
        ...numbersOf(identifier),
        professions: professions.map((each) => professionJson(texts, language, each)),
        activities: practitioner.activities?.map((each) => ({ ...each })) ?? [],
        registrationAuthority: authority ?? null,
        warnings,
      };
    },
  );

  routes.get(
    '/api/directory',
    {
      onRequest: requireAgent(deps),
      schema: {
        tags,
        summary: 'Professionals of a département by the beginning of their name, for agents',
        querystring: strictObject({
          name: Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Family name, then given name, accents or not',
          }),
          department: Type.String({ pattern: '^([0-9]{2,3}|2[ABab])$' }),
          lang: LanguageSchema,
        }),
        response: { 200: FoundSchema, 400: ProblemSchema, 401: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request) => {
      const { name, department } = request.query;
      if (!isSearchable(name)) {
        throw refusal('/querystring/name', 'directory.fields.name', { count: shortestName });
      }
      await limits.admit(request, request.agent.id);
      const language = languageOf(request);
      const { professionals, more } = await searchProfessionals(db, { name, department });
      return {
        more,
        professionals: professionals.map(({ identifier, professions, modes, ...rest }) => ({
          ...numbersOf(identifier),
          ...rest,
          professions: professions.map((each) => professionJson(texts, language, each)),
          modes: [...modes],
        })),
      };
    },
  );
}

function refusal(path: string, key: string, parameters = {}): Problem {
  return new Problem(400, 'invalid', { errors: [{ path, key, parameters }] });
}

function numbersOf({ kind, number }: Pick<Identifier, 'kind' | 'number'>) {
  return kind === 'rpps' ? { rpps: number } : { rpps: null, adeli: number };
}

function professionJson(
  texts: Texts,
  language: Language,
  { code, inTraining }: Pick<ProfessionHeld, 'code' | 'inTraining'>,
): Static<typeof ProfessionSchema> {
  return { code, label: professionLabel(texts, language, { code, inTraining }), inTraining };
}
