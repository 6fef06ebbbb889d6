import type { Links } from '../links.ts';
import type { Language, Texts } from '../texts.ts';

/** A configured address as pages show it. */
export interface ShownLink {
  readonly href: string;
  readonly label: string;
  readonly telephone: boolean;
}

/** What an installation has no address for: its name, in a sentence that says so. */
export interface MissingLink {
  readonly label: string;
}

/**
 * What a page shows of the addresses that its words name, in order. One that is not configured is named as missing, so
 * that no step speaks of what is nowhere on the page; one emptied on purpose is left out.
 */
export function linksOfPage(
  texts: Texts,
  language: Language,
  links: Links,
  keys: readonly string[],
): readonly (ShownLink | MissingLink)[] {
  return keys.flatMap((key): readonly (ShownLink | MissingLink)[] => {
    if (Object.hasOwn(links, key)) return shownLinks(texts, language, links, [key]);
    const label = texts.say(language, `site.links.${key}`);
    return [{ label: texts.say(language, 'site.links.not_configured', { label }) }];
  });
}

/**
 * The addresses of these keys that the installation has configured, in order; an address that is not set is not shown.
 * A telephone number (`tel:`) is written out in its label.
 */
export function shownLinks(
  texts: Texts,
  language: Language,
  links: Links,
  keys: readonly string[],
): readonly ShownLink[] {
  return keys.flatMap((key): readonly ShownLink[] => {
    const href = Object.hasOwn(links, key) ? links[key] : undefined;
    if (!href) return [];
    const label = texts.say(language, `site.links.${key}`);
    if (!href.startsWith('tel:')) return [{ href, label, telephone: false }];
    const number = readableNumber(href.slice('tel:'.length));
    return [{ href, label: texts.say(language, 'site.links.telephone', { label, number }), telephone: true }];
  });
}

/** Ten French digits in the groups in which they are said: `0 806 80 02 13` for special numbers, else by two. */
function readableNumber(number: string): string {
  const digits = number.replace(/^\+33/, '0');
  if (/^08\d{8}$/.test(digits)) return digits.replace(/^0(\d{3})(\d\d)(\d\d)(\d\d)$/, '0 $1 $2 $3 $4');
  if (/^0\d{9}$/.test(digits)) return digits.replace(/(\d\d)(?=\d)/g, '$1 ');
  return number;
}
