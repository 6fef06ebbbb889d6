import type { FieldProblem } from '../problem.ts';
import { scopeValues } from './scope.ts';

/** What a supervisor writes, as it was typed. */
export interface TypedIncident {
  readonly title: { readonly fr: string; readonly en?: string | undefined };
  readonly message: { readonly fr: string; readonly en?: string | undefined };
  readonly ways?: readonly string[] | undefined;
  readonly symptoms?: readonly string[] | undefined;
  readonly expectedEnd?: Date | undefined;
}

/** What of an incident its supervisors decide, as it is stored. */
export interface IncidentFields {
  readonly titleFr: string;
  readonly messageFr: string;
  readonly titleEn: string | null;
  readonly messageEn: string | null;
  readonly ways: string[];
  readonly symptoms: string[];
  readonly expectedEnd: Date | null;
}

/** In characters: a title is one line on a telephone, a message is read standing. */
export const maxTitleLength = 120;
export const maxIncidentMessageLength = 1000;

/**
 * Checks all the values at once. English is optional, but as a whole: a title in one language above a message in
 * another helps nobody.
 * @returns what to store, or every field at fault, by JSON pointer.
 */
export function checkIncident(
  typed: TypedIncident,
): IncidentFields | { readonly errors: readonly FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const text = (path: string, words: string | undefined, limit: number, missing?: string) => {
    const given = (words ?? '').normalize('NFC').replace(/\r\n?/g, '\n').trim();
    if (given === '' && missing) errors.push({ path, key: missing });
    if (given.length > limit) errors.push({ path, key: 'problems.fields.maxLength', parameters: { limit } });
    return given;
  };
  const titleFr = text('/title/fr', typed.title.fr, maxTitleLength, 'incidents.errors.title_missing').replace(
    /\s+/g,
    ' ',
  );
  const messageFr = text(
    '/message/fr',
    typed.message.fr,
    maxIncidentMessageLength,
    'incidents.errors.message_missing',
  );
  const english = Boolean(typed.title.en?.trim() || typed.message.en?.trim());
  const missing = english ? 'incidents.errors.english_missing' : undefined;
  const titleEn = text('/title/en', typed.title.en, maxTitleLength, missing).replace(/\s+/g, ' ');
  const messageEn = text('/message/en', typed.message.en, maxIncidentMessageLength, missing);
  const chosen = (path: string, values: readonly string[] = [], known: readonly string[]) => {
    if (values.some((value) => !known.includes(value))) errors.push({ path, key: 'problems.fields.enum' });
    return known.filter((value) => values.includes(value));
  };
  const ways = chosen('/ways', typed.ways, scopeValues('way'));
  const symptoms = chosen('/symptoms', typed.symptoms, scopeValues('symptom'));
  if (errors.length > 0) return { errors };
  return {
    titleFr,
    messageFr,
    titleEn: english ? titleEn : null,
    messageEn: english ? messageEn : null,
    ways,
    symptoms,
    expectedEnd: typed.expectedEnd ?? null,
  };
}

/** What differs between an incident as it is and as it shall be: each field, before and after. */
export function changedFields(
  before: IncidentFields,
  after: IncidentFields,
): Readonly<Record<string, readonly [unknown, unknown]>> {
  // The keys of a literal type, in its order.
  const names = Object.keys(after) as (keyof IncidentFields)[];
  return Object.fromEntries(
    names
      .map((name) => [name, [plain(before[name]), plain(after[name])]] as const)
      .filter(([, [was, is]]) => JSON.stringify(was) !== JSON.stringify(is)),
  );
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
