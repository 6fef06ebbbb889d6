import type { FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { describeProfessional, type ProfessionalDescription } from '../directory/describe-professional.ts';
import type { DirectoryLimits } from '../directory/directory-limits.ts';
import { findDirectoryInUse } from '../directory/directory-state.ts';
import { findProfessional, type Professional } from '../directory/find-professional.ts';
import { type Identifier, readIdentifier } from '../directory/identifier.ts';
import { Problem } from '../problem.ts';
import { registrationAuthority, settingOfSector } from '../routing/practitioner-types.ts';
import type { Facts } from './flow.ts';
import { currentFlow } from './registry.ts';
import type { Finding } from './replay.ts';
import { type GivenAnswer, getWalk } from './sessions.ts';

/** An answer as it is sent: `number` is what the page's field holds, whichever option was chosen. */
export interface SentAnswer {
  readonly node: string;
  readonly answer: string;
  readonly flowVersion?: number;
  readonly number?: string;
}

/** Longer than any number that somebody types with spaces. */
export const maxNumberLength = 40;

/** Where a refusal of the number points. */
export const numberPath = '/fields/number';

/**
 * The answer as it is stored: whom the number is looked up for, what was found, frozen with it. A number beside another
 * option is kept for the case, and nobody is looked up. What is no number is not kept: it may be something secret.
 * @throws Problem 404 for an unknown session; 422 at `numberPath` for what is no number, or a number that nobody has; 429
 * when the caller looked up too many, by whatever session.
 */
export async function resolveAnswer(
  { db }: Pick<Dependencies, 'db'>,
  limits: DirectoryLimits,
  request: FastifyRequest,
  sessionId: string,
  { node: nodeId, answer, flowVersion, number = '' }: SentAnswer,
): Promise<GivenAnswer> {
  const given = { node: nodeId, answer, ...(flowVersion !== undefined && { flowVersion }) };
  const node = Object.hasOwn(currentFlow.nodes, nodeId) ? currentFlow.nodes[nodeId] : undefined;
  const options = node && node.kind !== 'outcome' ? node.options : [];
  if (!options.some((option) => option.lookUp)) return given;
  const identifier = readIdentifier(number);
  if (!options.some((option) => option.lookUp && option.id === answer)) {
    return { ...given, ...(identifier && { typed: identifier.number }) };
  }
  await getWalk(db, sessionId);
  if (number.trim() === '') throw refusal('number_missing');
  if (!identifier) throw refusal('number_malformed');
  await limits.admit(request);
  const professional = await findProfessional(db, identifier);
  if (!professional) {
    if (!(await findDirectoryInUse(db))) throw refusal('no_directory');
    await limits.missed(request);
    throw refusal(isDoubtful(identifier) ? 'not_found_doubtful' : 'not_found');
  }
  return { ...given, typed: identifier.number, found: findingOf(professional, identifier) };
}

function refusal(key: string): Problem {
  return new Problem(422, 'invalid', { errors: [{ path: numberPath, key: `diagnosis.number.${key}` }] });
}

/** What a look-up freezes: what the open directory knows, and what of it goes on once it is confirmed. */
export function findingOf(professional: Professional, identifier: Identifier): Finding {
  const description = describeProfessional(professional);
  const { familyName, givenName, professions, practitioner } = description;
  const activities = (practitioner.activities ?? []).map(({ mode, sector }) => {
    const setting = settingOfSector(sector);
    return { mode, ...(setting && { setting }) };
  });
  return {
    facts: factsOf(description, identifier),
    familyName,
    givenName,
    professions: professions.map(({ code, inTraining }) => ({ code, inTraining })),
    activities: [...new Map(activities.map((each) => [JSON.stringify(each), each])).values()],
    ...(identifier.kind === 'rpps' && { rpps: identifier.number }),
    doubtful: isDoubtful(identifier),
  };
}

/** Professions that the flow tells from others: those with an Ordre. */
const toldApart = new Set(['10', '21', '40', '50', '60', '70', '80']);

/** Only what is told by every line of theirs: whatever differs, or is missing, is left to be asked. */
function factsOf(
  { professions, mode, setting, authority, practitioner }: ProfessionalDescription,
  { kind }: Identifier,
): Facts {
  const [profession, ...others] = new Set(
    professions.map(({ code }) => (toldApart.has(code) ? code : 'other')),
  );
  const single = others.length === 0 ? profession : undefined;
  const activities = practitioner.activities ?? [];
  const modes = new Set(activities.map((each) => each.mode));
  const both = modes.size === 2 && modes.has('L') && modes.has('S');
  // An activity whose place is not told may be in a practice too.
  const [inPractice, ...othersInPractice] = new Set(
    activities.filter(({ sector }) => settingOfSector(sector) !== 'establishment').map(({ mode }) => mode),
  );
  // Several professions have several authorities, unless it is that of the armed forces.
  const registered =
    single === undefined
      ? authority === 'ssa'
        ? authority
        : undefined
      : (authority ?? registrationAuthority(single));
  return {
    ...(kind === 'adeli' && { identifier: 'adeli' }),
    ...(single !== undefined && { profession: single }),
    ...(registered !== undefined && { authority: registered }),
    ...(mode !== undefined && { mode }),
    ...(both && { practises: 'both' }),
    ...(both && inPractice && othersInPractice.length === 0 && { in_practice: inPractice }),
    ...(setting !== undefined && { setting }),
  };
}

function isDoubtful(identifier: Identifier): boolean {
  return identifier.kind === 'rpps' && !identifier.keyHolds;
}
