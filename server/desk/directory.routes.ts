import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { describeDirectoryState } from '../directory/describe-import.ts';
import { describeProfessional } from '../directory/describe-professional.ts';
import type { DirectoryLimits } from '../directory/directory-limits.ts';
import { findDirectoryState } from '../directory/directory-state.ts';
import { findProfessional, type Professional } from '../directory/find-professional.ts';
import { type Identifier, readIdentifier } from '../directory/identifier.ts';
import { professionLabel } from '../directory/profession-label.ts';
import { isSearchable, searchProfessionals, shortestName } from '../directory/search-professionals.ts';
import { languageOf } from '../http/language.ts';
import { settingOfSector } from '../routing/practitioner-types.ts';
import type { Language, Texts } from '../texts.ts';
import type { DeskPages } from './desk-pages.ts';
import { textField } from './form-fields.ts';

const maxNumberLength = 40;
const maxNameLength = 100;

/**
 * `GET /desk/annuaire?numero=` or `?nom=&departement=`: what the open directory knows of somebody, for agents; and which
 * directory that is. Counted with the other look-ups, agent by agent.
 */
export async function directoryPages(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
  limits: DirectoryLimits,
): Promise<void> {
  const { db, texts } = deps;

  app.get('/desk/annuaire', async (request, reply) => {
    const { agent } = request;
    const language = languageOf(request);
    const asked = {
      number: textField(request.query, 'numero').trim().slice(0, maxNumberLength),
      name: textField(request.query, 'nom').trim().slice(0, maxNameLength),
      department: textField(request.query, 'departement').trim().toUpperCase().slice(0, 3),
    };
    const errors = faults(texts, language, asked);
    const identifier = readIdentifier(asked.number);
    const bySearch = asked.number === '' && asked.name !== '';
    if (errors.length === 0 && (identifier || bySearch)) await limits.admit(request, agent.id);

    const professional = identifier && (await findProfessional(db, identifier));
    if (identifier && !professional) await limits.missed(request, agent.id);
    const found =
      errors.length === 0 && bySearch
        ? await searchProfessionals(db, asked)
        : { professionals: [], more: false };
    return pages.send(
      request,
      reply,
      {
        name: 'directory',
        section: 'directory',
        title: texts.say(language, 'desk.directory.title'),
        status: errors.length > 0 ? 422 : 200,
        data: {
          asked,
          errors,
          fieldErrors: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
          state: describeDirectoryState(texts, language, await findDirectoryState(db)),
          professional: professional && viewProfessional(texts, language, professional, identifier),
          unknown: identifier !== undefined && !professional,
          searched: errors.length === 0 && bySearch,
          more: found.more,
          found: found.professionals.map(({ identifier: { number }, professions, modes, ...rest }) => ({
            ...rest,
            number,
            href: `/desk/annuaire?numero=${encodeURIComponent(number)}`,
            professions: professions.map((each) => professionLabel(texts, language, each)).join(', '),
            modes: modes.map((mode) => texts.say(language, `desk.modes.${mode}`)).join(', '),
          })),
        },
      },
      agent,
    );
  });
}

/** What was typed and cannot be looked for, each with the field it is about. */
function faults(
  texts: Texts,
  language: Language,
  {
    number,
    name,
    department,
  }: { readonly number: string; readonly name: string; readonly department: string },
) {
  const fault = (field: string, key: string, parameters = {}) => ({
    field,
    message: texts.say(language, key, parameters),
  });
  if (number !== '') {
    return readIdentifier(number) ? [] : [fault('numero', 'directory.fields.identifier')];
  }
  if (name === '' && department === '') return [];
  return [
    ...(isSearchable(name) ? [] : [fault('nom', 'directory.fields.name', { count: shortestName })]),
    ...(/^([0-9]{2,3}|2[AB])$/.test(department) ? [] : [fault('departement', 'directory.fields.department')]),
  ];
}

function viewProfessional(
  texts: Texts,
  language: Language,
  professional: Professional,
  identifier: Identifier,
) {
  const say = (key: string) => texts.say(language, key);
  const { familyName, givenName, professions, practitioner, authority, ambiguous } =
    describeProfessional(professional);
  const warnings = [
    ...(identifier.kind === 'rpps' && !identifier.keyHolds ? [say('desk.directory.doubtful')] : []),
    ...(ambiguous.includes('authority') ? [say('directory.warnings.authorities')] : []),
    ...(ambiguous.includes('mode') || ambiguous.includes('setting') ? [say('desk.directory.ask')] : []),
  ];
  return {
    name: [givenName, familyName].filter(Boolean).join(' '),
    number: identifier.number,
    kind: identifier.kind === 'rpps' ? 'RPPS' : 'ADELI',
    professions: professions.map((each) => professionLabel(texts, language, each)).join(', '),
    authority: authority && say(`wizard.facts.authority.${authority}`),
    activities: (practitioner.activities ?? []).map(({ mode, sector, finess }) => {
      const setting = settingOfSector(sector);
      return {
        mode: say(`desk.modes.${mode}`),
        place: setting && say(`desk.settings.${setting}`),
        sector,
        finess,
      };
    }),
    warnings,
  };
}
