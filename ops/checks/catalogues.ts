/**
 * Purpose: what can be wrong with the texts, one sentence each: languages that differ, keys that nobody uses or
 * that are missing, French that is not set as French is.
 * Entry points: `readCatalogue`, `differences`, `typographyFaults`, `textUses`, `usageFaults`.
 * May import: ops/checks/source.ts, server/texts.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import type { Language } from '#server/texts.ts';
import { hole, projectRoot, readSourceFile, sourceFiles } from './source.ts';

/** Every text by its whole key; a list is an array. */
export type Catalogue = ReadonlyMap<string, string | readonly string[]>;

/** Every text of a language. */
export function readCatalogue(language: Language): Catalogue {
  const texts = new Map<string, string | readonly string[]>();
  const folder = join(projectRoot, 'templates/texts', language);
  const add = (key: string, entry: unknown): void => {
    if (typeof entry === 'string' || Array.isArray(entry)) texts.set(key, entry);
    else for (const [name, inner] of Object.entries(entry ?? {})) add(`${key}.${name}`, inner);
  };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    add(file.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, file), 'utf8')));
  }
  return texts;
}

/** Where two languages do not say the same things. */
export function differences(french: Catalogue, english: Catalogue): readonly string[] {
  const faults: string[] = [];
  for (const key of french.keys()) if (!english.has(key)) faults.push(`${key}: not in English`);
  for (const key of english.keys()) if (!french.has(key)) faults.push(`${key}: not in French`);
  for (const [key, text] of french) {
    const other = english.get(key);
    if (other === undefined) continue;
    if (Array.isArray(text) !== Array.isArray(other)) faults.push(`${key}: a list in one language only`);
    else if (Array.isArray(text) && text.length !== other.length) {
      faults.push(`${key}: ${text.length} sentences in French, ${other.length} in English`);
    }
    const [ours, theirs] = [placeholders(text), placeholders(other)];
    if (ours.join() !== theirs.join()) {
      faults.push(`${key}: {${ours.join('} {')}} in French, {${theirs.join('} {')}} in English`);
    }
    for (const [index, sentence] of sentences(text).entries()) {
      if (sentence === sentences(other)[index] && sentence.split(/\s+/).length > 4) {
        faults.push(`${key}: not translated: ${sentence}`);
      }
    }
  }
  return faults;
}

function sentences(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? [text] : text;
}

function placeholders(text: string | readonly string[]): readonly string[] {
  const names = sentences(text).flatMap((sentence) =>
    [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
  );
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** What every French sentence must not contain, and why. */
const frenchRules: readonly { readonly never: RegExp; readonly because: string }[] = [
  { never: / [;:!?»%€]/u, because: 'a space that breaks before ; : ! ? » % €' },
  { never: /« /u, because: 'a space that breaks after «' },
  { never: /[\p{L}\d)»][!?;](?=\s|$)/u, because: 'no space before ! ? ;' },
  { never: /[\p{L})»]:(?=\s|$)/u, because: 'no space before :' },
  { never: /«[^\u00a0\u202f]|[^\u00a0\u202f]»/u, because: 'no space inside « »' },
  { never: /\p{L}'|'\p{L}/u, because: "' instead of ’" },
  { never: /"/u, because: '" instead of « »' },
  { never: /\.\.\./u, because: '... instead of …' },
  // What joins two words has a space on either side.
  { never: / {2}|^ (?!.* $)|(?<!^ .*) $/u, because: 'a space too many' },
];

/** Where French is not set as it should be. */
export function typographyFaults(french: Catalogue): readonly string[] {
  return [...french].flatMap(([key, text]) =>
    sentences(text).flatMap((sentence) =>
      frenchRules
        .filter(({ never }) => never.test(sentence.replace(/https?:\/\/\S+/g, '')))
        .map(({ because }) => `${key}: ${because}: ${sentence}`),
    ),
  );
}

export interface TextUses {
  /** Keys named in full, by the first file that names them. */
  readonly keys: ReadonlyMap<string, string>;
  /** Keys put together when the code runs, with a `hole` for each part not known before, by file. */
  readonly patterns: ReadonlyMap<string, string>;
  /** What the rest of a file may name where it puts its keys together itself: ``say(`desk.${key}`)``. */
  readonly possible: ReadonlySet<string>;
  /** What a template gives to the text it names: `key` → the parameters' names. */
  readonly given: readonly {
    readonly file: string;
    readonly key: string;
    readonly names: readonly string[];
  }[];
}

/** What code and templates say, as far as it can be read: strings and templates that begin like a catalogue's key. */
export function textUses(namespaces: readonly string[]): TextUses {
  const keys = new Map<string, string>();
  const patterns = new Map<string, string>();
  const possible = new Set<string>();
  const given: { file: string; key: string; names: readonly string[] }[] = [];
  const looksLikeKey = new RegExp(`^(${namespaces.join('|')})\\.[\\w.${hole}-]*$`);
  const use = (text: string, file: string) => {
    if (!looksLikeKey.test(text)) return;
    const into = text.includes(hole) ? patterns : keys;
    if (!into.has(text)) into.set(text, file);
  };

  const code = sourceFiles('server', 'workers').filter((file) => !/\.test\.ts$|\/testing\//.test(file));
  for (const file of code) {
    const { strings, templates } = readSourceFile(file);
    const texts = [...strings, ...templates];
    const own = texts.filter((text) => namespaces.some((namespace) => text === `${namespace}.${hole}`));
    for (const text of texts) {
      if (!own.includes(text)) use(text, file);
      for (const pattern of own) if (/^[\w.-]/.test(text)) possible.add(pattern.replace(hole, () => text));
    }
  }
  const folder = join(projectRoot, 'templates');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.hbs')) continue;
    const file = `templates/${name.replaceAll('\\', '/')}`;
    const reader = new TemplateReader();
    reader.accept(Handlebars.parse(readFileSync(join(folder, name), 'utf8')));
    for (const text of reader.texts) use(text, file);
    for (const each of reader.given) given.push({ file, ...each });
  }
  return { keys, patterns, possible, given };
}

type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement;

/** Collects the strings of a template, those that `join` glues as one, and what `t` and `list` are given. */
class TemplateReader extends Handlebars.Visitor {
  readonly texts: string[] = [];
  readonly given: { key: string; names: readonly string[] }[] = [];

  override StringLiteral(literal: hbs.AST.StringLiteral): void {
    this.texts.push(literal.value);
  }
  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    this.#read(statement);
    super.MustacheStatement(statement);
  }
  override SubExpression(expression: hbs.AST.SubExpression): void {
    this.#read(expression);
    super.SubExpression(expression);
  }

  #read({ path, params, hash }: Call): void {
    const name = 'original' in path ? path.original : undefined;
    if (name === 'join') {
      this.texts.push(params.map((each) => (isString(each) ? each.value : hole)).join(''));
    }
    const [key] = params;
    if ((name === 't' || name === 'list') && key && isString(key)) {
      this.given.push({ key: key.value, names: hash?.pairs.map((pair) => pair.key) ?? [] });
    }
  }
}

function isString(expression: hbs.AST.Expression): expression is hbs.AST.StringLiteral {
  return expression.type === 'StringLiteral';
}

/**
 * Texts that are used and missing, that nobody uses, or that a template gives too little to.
 * @param dynamic patterns too wide to be read off the code, with every key that they stand for.
 */
export function usageFaults(
  catalogue: Catalogue,
  uses: TextUses,
  dynamic: readonly { readonly pattern: string; readonly keys: readonly string[] }[],
): readonly string[] {
  const faults: string[] = [];
  const used = new Set<string>();
  /** A key with plural forms is named without them. */
  const formsOf = (key: string) =>
    [key, ...pluralForms.map((form) => `${key}.${form}`)].filter((each) => catalogue.has(each));
  const levels = new Set([...catalogue.keys()].flatMap(levelsAbove));
  const useKey = (key: string, by: string) => {
    const forms = formsOf(key);
    for (const form of forms) used.add(form);
    if (forms.length === 0) faults.push(`${key}: used by ${by}, and missing`);
  };

  for (const [key, file] of uses.keys) {
    // A level that holds keys is named to be lengthened; `problems.fields.` too.
    if (formsOf(key).length > 0 || !levels.has(key.replace(/\.$/, ''))) useKey(key, file);
  }
  const declared = new Map(dynamic.map(({ pattern, keys }) => [pattern, keys]));
  for (const [pattern, file] of uses.patterns) {
    const keys = declared.get(pattern);
    const fixed = pattern.split('.').filter((level) => level !== '' && !level.includes(hole));
    if (keys) for (const key of keys) useKey(key, `the code as ${show(pattern)}`);
    else if (fixed.length < 2)
      faults.push(`${show(pattern)} in ${file} may be any key: declare what it stands for`);
    else {
      const matching = [...catalogue.keys()].filter((key) => fits(key, pattern));
      if (matching.length === 0) faults.push(`${show(pattern)} in ${file} fits no text`);
      for (const key of matching) used.add(key);
    }
  }
  for (const text of uses.possible) {
    for (const key of catalogue.keys()) if (fits(key, text)) used.add(key);
  }
  for (const pattern of declared.keys()) {
    if (!uses.patterns.has(pattern)) faults.push(`${show(pattern)}: declared, and not in the code`);
  }
  for (const key of catalogue.keys()) if (!used.has(key)) faults.push(`${key}: nobody uses it`);

  for (const { file, key, names } of uses.given) {
    for (const form of formsOf(key)) {
      const missing = placeholders(catalogue.get(form) ?? '').filter((name) => !names.includes(name));
      if (missing.length > 0) faults.push(`${key}: ${file} does not give it {${missing.join('} {')}}`);
    }
  }
  return faults;
}

const pluralForms = ['zero', 'one', 'two', 'few', 'many', 'other'];

function levelsAbove(key: string): readonly string[] {
  const names = key.split('.');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'));
}

function fits(key: string, pattern: string): boolean {
  const source = pattern
    .split(hole)
    .map((part) => part.replace(/[^\w]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${source}(?:\\.(?:${pluralForms.join('|')}))?$`).test(key);
}

function show(pattern: string): string {
  return pattern.replaceAll(hole, '…');
}
