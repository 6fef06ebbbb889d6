/**
 * Purpose: what the product says, in every language it speaks, read once from `templates/texts/<language>/*.json`.
 * Entry points: `loadTexts`, `isLanguage`, `preferredLanguage`.
 * May import: nothing of the project.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const languages = ['fr', 'en'] as const;
export type Language = (typeof languages)[number];

export type TextParameters = Readonly<Record<string, string | number | undefined>>;

/** A catalogue entry: a sentence, a list of sentences, plural forms (`zero`, `one`, `other`) or a deeper level. */
export type TextEntry = string | readonly string[] | { readonly [key: string]: TextEntry };

export interface Texts {
  /**
   * The sentence at `key` (file name, then path: `wizard.exits.it_works`), with `{name}` replaced; how many
   * (`count`, `length`, `limit`, `most`) is written as the language writes numbers.
   * An entry with `one`/`other` is chosen by `parameters.count`; its `zero`, where there is one, is for none at all.
   * @throws Error when the key is missing, or a parameter it names is not given.
   */
  say(language: Language, key: string, parameters?: TextParameters): string;
  /** The list of sentences at `key`; a single sentence is a list of one. Same errors as `say`. */
  list(language: Language, key: string, parameters?: TextParameters): readonly string[];
  /** Whether the key exists. */
  has(language: Language, key: string): boolean;
  /** Every key of a language, deepest level, in order of file and place. */
  keys(language: Language): readonly string[];
}

/** Whether the value names a language the product speaks. */
export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

/** The language of an `Accept-Language` header; French when it names none of ours. */
export function preferredLanguage(header: string | undefined): Language {
  const wishes = (header ?? '')
    .split(',')
    .map((part, order) => {
      const [tag = '', ...rest] = part.trim().toLowerCase().split(';');
      const quality = Number(rest.find((each) => each.trim().startsWith('q='))?.split('=')[1] ?? 1);
      return { language: tag.split('-')[0], quality: Number.isFinite(quality) ? quality : 0, order };
    })
    .filter((wish) => wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
  for (const { language } of wishes) if (isLanguage(language)) return language;
  return 'fr';
}

/** Reads every catalogue below `directory`. @throws Error when a file is missing or is not JSON. */
export function loadTexts(directory = join(import.meta.dirname, '../templates/texts')): Texts {
  const catalogues = new Map<Language, ReadonlyMap<string, TextEntry>>();
  for (const language of languages) catalogues.set(language, readCatalogue(join(directory, language)));

  function entry(language: Language, key: string, parameters: TextParameters): TextEntry {
    const catalogue = catalogues.get(language);
    const found = catalogue?.get(key);
    if (found !== undefined) return found;
    const count = parameters.count;
    if (typeof count === 'number') {
      const form = new Intl.PluralRules(language).select(count);
      const forms = [...(count === 0 ? ['zero'] : []), form, 'other'];
      for (const each of forms) {
        const plural = catalogue?.get(`${key}.${each}`);
        if (plural !== undefined) return plural;
      }
    }
    throw new Error(`no text "${key}" in "${language}"`);
  }

  return {
    say(language, key, parameters = {}) {
      const found = entry(language, key, parameters);
      if (typeof found !== 'string') throw new Error(`text "${key}" in "${language}" is not a sentence`);
      return fill(found, parameters, { language, key });
    },
    list(language, key, parameters = {}) {
      const found = entry(language, key, parameters);
      const sentences = typeof found === 'string' ? [found] : found;
      if (!Array.isArray(sentences)) throw new Error(`text "${key}" in "${language}" is not a list`);
      return sentences.map((sentence) => fill(sentence, parameters, { language, key }));
    },
    has: (language, key) => catalogues.get(language)?.has(key) ?? false,
    keys: (language) => [...(catalogues.get(language)?.keys() ?? [])],
  };
}

function readCatalogue(directory: string): ReadonlyMap<string, TextEntry> {
  const flat = new Map<string, TextEntry>();
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.json')) continue;
    flatten(file.slice(0, -'.json'.length), JSON.parse(readFileSync(join(directory, file), 'utf8')), flat);
  }
  return flat;
}

function flatten(key: string, entry: TextEntry, into: Map<string, TextEntry>): void {
  if (typeof entry === 'string' || Array.isArray(entry)) {
    into.set(key, entry);
    return;
  }
  for (const [name, deeper] of Object.entries(entry)) flatten(`${key}.${name}`, deeper, into);
}

/** Parameters that say how many, and are read more easily in groups of three digits; others may be names, as a case's number. */
const quantities: ReadonlySet<string> = new Set(['count', 'length', 'limit', 'most']);

const numbers: Readonly<Record<Language, Intl.NumberFormat>> = {
  fr: new Intl.NumberFormat('fr-FR'),
  en: new Intl.NumberFormat('en-GB'),
};

function fill(
  sentence: string,
  parameters: TextParameters,
  { language, key }: { readonly language: Language; readonly key: string },
): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`text "${key}" needs "${name}"`);
    return typeof value === 'number' && quantities.has(name)
      ? numbers[language].format(value)
      : String(value);
  });
}
