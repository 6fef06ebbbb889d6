/**
 * Purpose: reads the project's TypeScript as the checks need it: what it imports, and its code without what is
 * only said in comments and strings.
 * Entry points: `readSource`, `sourceFiles`.
 * May import: nothing of the project.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '../..');

/** Stands for what is only known when the code runs. */
export const hole = '\0';

export interface Import {
  readonly specifier: string;
  /** Whether the whole statement is gone when the types are stripped. */
  readonly typeOnly: boolean;
}

export interface Source {
  readonly imports: readonly Import[];
  /** The code without its comments, and with nothing inside its strings, templates and regular expressions. */
  readonly code: string;
  /** Every string, as it is written. */
  readonly strings: readonly string[];
  /** Every template, as it is written, with a `hole` for each value it takes. */
  readonly templates: readonly string[];
}

/** Every `.ts` file below the folders, with paths from the project's root. */
export function sourceFiles(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter((file) => file.endsWith('.ts'))
      .sort(),
  );
}

/** A file of the project, by its path from the root. */
export function readSourceFile(file: string): Source {
  return readSource(readFileSync(join(projectRoot, file), 'utf8'));
}

/** Reads a source text. */
export function readSource(text: string): Source {
  const pieces = split(text);
  const strings = pieces.filter(({ kind }) => kind === 'string').map((piece) => piece.text);
  // Each string becomes its number between quotes, so that statements can be told by their shape.
  let count = 0;
  const shown: Readonly<Record<Piece['kind'], (piece: Piece) => string>> = {
    code: (piece) => piece.text,
    comment: () => ' ',
    string: () => `"${count++}"`,
    template: () => '',
    pattern: () => '/ /',
  };
  const numbered = pieces.map((piece) => shown[piece.kind](piece)).join('');
  const imports: Import[] = [];
  const statement =
    /(?<![\w$.])(?:(import|export)\s+(type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?|import\s*\(\s*)"(\d+)"/g;
  for (const [, keyword, type, index] of numbered.matchAll(statement)) {
    const specifier = strings[Number(index)];
    if (specifier !== undefined)
      imports.push({ specifier, typeOnly: keyword !== undefined && Boolean(type) });
  }
  return {
    imports,
    code: numbered.replace(/"\d+"/g, '""'),
    strings,
    templates: [...Map.groupBy(pieces, ({ template }) => template)]
      .filter(([template]) => template !== undefined)
      .map(([, parts]) => parts.map(({ text: part }) => part).join(hole)),
  };
}

interface Piece {
  readonly kind: 'code' | 'comment' | 'string' | 'template' | 'pattern';
  readonly text: string;
  /** Which template this is a part of. */
  readonly template?: number;
}

/** After one of these a `/` begins a regular expression; after anything else it divides. */
const beforePattern = /(?:^|[(,=:[!&|?{};+\-*%~<>^]|\b(?:return|typeof|case|in|of|await|yield|throw))\s*$/;

function split(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  /** The templates around, innermost last: which one, and how many `{` are open in it. */
  const templates: { readonly id: number; open: number }[] = [];
  let templateCount = 0;
  let at = 0;
  let code = '';
  const push = (kind: Piece['kind'], piece: string, template?: number) => {
    if (code) pieces.push({ kind: 'code', text: code });
    code = '';
    pieces.push({ kind, text: piece, ...(template !== undefined && { template }) });
  };
  /** Reads up to the character that ends it, or to `${` in a template; leaves `at` behind it. */
  const readUntil = (end: string): { readonly text: string; readonly substitution: boolean } => {
    const from = at;
    for (; at < text.length; at++) {
      if (text[at] === '\\') at++;
      else if (text[at] === end) return { text: text.slice(from, at++), substitution: false };
      else if (end === '`' && text.startsWith('${', at)) {
        at += 2;
        return { text: text.slice(from, at - 2), substitution: true };
      }
    }
    return { text: text.slice(from), substitution: false };
  };
  const readTemplate = (id: number) => {
    const part = readUntil('`');
    push('template', part.text, id);
    code = part.substitution ? '${' : '`';
    if (part.substitution) templates.push({ id, open: 0 });
  };

  while (at < text.length) {
    const character = text[at] ?? '';
    if (text.startsWith('//', at) || text.startsWith('#!', at)) {
      const end = text.indexOf('\n', at);
      push('comment', text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      push('comment', text.slice(at, end < 0 ? text.length : end + 2));
      at = end < 0 ? text.length : end + 2;
    } else if (character === "'" || character === '"') {
      at++;
      push('string', readUntil(character).text);
    } else if (character === '`') {
      at++;
      code += character;
      readTemplate(templateCount++);
    } else if (character === '/' && beforePattern.test(code || lastCode(pieces))) {
      push('pattern', readPattern(text, at));
      at += pieces.at(-1)?.text.length ?? 1;
    } else {
      at++;
      const around = templates.at(-1);
      if (around && character === '{') around.open++;
      if (around && character === '}' && around.open-- === 0) {
        templates.pop();
        code += character;
        readTemplate(around.id);
        continue;
      }
      code += character;
    }
  }
  if (code) pieces.push({ kind: 'code', text: code });
  return pieces;
}

/** A regular expression from its first `/` to its last, where `/` inside `[…]` does not end it. */
function readPattern(text: string, from: number): string {
  let inClass = false;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

/** The code before a place, for telling a pattern from a division: what comments part belongs together. */
function lastCode(pieces: readonly Piece[]): string {
  const last = pieces.findLast(({ kind }) => kind !== 'comment');
  return last === undefined ? '' : last.kind === 'code' ? last.text : 'value';
}
