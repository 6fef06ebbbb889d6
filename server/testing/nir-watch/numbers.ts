import { readNir } from '#server/records/patients/nir.ts';

/** What people and encodings put between the characters of a number: in texts, addresses, HTML and JSON. */
const between = String.raw`(?:[\s.\-_/+\u00a0\u202f]|%20|%C2%A0|&nbsp;|&#160;|\\u00a0|\\u202f)`;
const gap = `${between}{0,3}`;

/** Thirteen characters of which a number may be made, wherever they stand: inside a longer run of digits too. */
const windows = new RegExp(`(?=([1-8](?:${gap}[0-9]){5}${gap}[0-9AB](?:${gap}[0-9]){6}))[1-8]`, 'gi');
/** Fifteen of them with nothing like it around: what is typed where a number is asked for. */
const whole = new RegExp(
  `(?<![0-9A-Z])[1-8](?:${gap}[0-9]){4}${gap}[0-9]${gap}[0-9AB](?:${gap}[0-9]){8}(?![0-9A-Z])`,
  'gi',
);
/** Long enough for thirteen characters in base64: tokens, cookies, cursors. */
const encoded = /[A-Za-z0-9_-]{18,}/g;

/**
 * The NIRs that tests use, and whether one of them stands in a text. Only those that are known are found, so that no
 * time, identifier or random number is ever taken for one: thirteen given digits are there by chance once in 10¹³ places.
 */
export interface KnownNumbers {
  /** From now on, this NIR is known. */
  add(nir: string): void;
  /** Every NIR, its key right, that stands by itself in the text is known from now on. */
  addFrom(text: string): void;
  /**
   * Where a known one stands, with or without its key, in one piece, in groups, percent- or HTML-encoded; undefined when
   * none does. Of one inside base64 the place is that of the base64.
   */
  findIn(text: string): { readonly from: number; readonly to: number } | undefined;
}

/** @param nirs those that are known from the start. */
export function knownNumbers(nirs: Iterable<string> = []): KnownNumbers {
  const known = new Set<string>();
  const add = (nir: string) => known.add(compact(nir).slice(0, 13));
  for (const nir of nirs) add(nir);

  const findPlain = (text: string) => {
    for (const { 1: found = '', index } of text.matchAll(windows))
      if (known.has(compact(found))) return { from: index, to: index + found.length };
    return undefined;
  };
  return {
    add,
    addFrom: (text) => nirsIn(text).forEach(add),
    findIn(text) {
      if (known.size === 0 || text.length < 13) return undefined;
      const plain = findPlain(text);
      if (plain) return plain;
      for (const { 0: run, index } of text.matchAll(encoded)) {
        // Digits alone were looked at as they are.
        if (!/[A-Za-z]/.test(run)) continue;
        if (findPlain(Buffer.from(run, 'base64url').toString('latin1')))
          return { from: index, to: index + run.length };
      }
      return undefined;
    },
  };
}

/** The NIRs, their keys right, that stand by themselves in a text: fifteen characters without spaces. */
export function nirsIn(text: string): readonly string[] {
  return [...text.matchAll(whole)].map(([found]) => compact(found)).filter((each) => readNir(each).ok);
}

function compact(written: string): string {
  return written
    .replace(/%20|%C2%A0|&nbsp;|&#160;|\\u00a0|\\u202f/gi, '')
    .replace(/[^0-9AB]/gi, '')
    .toUpperCase();
}
