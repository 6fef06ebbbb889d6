import { type SQL, sql } from 'drizzle-orm';
import { caseSearch, cases } from './cases.table.ts';

/** Holds for the cases whose words begin with those of a `tsquery`. */
export function matches(query: SQL): SQL {
  return sql`${cases.id} in (select ${caseSearch.caseId} from ${caseSearch} where ${caseSearch.terms} @@ ${query}::tsquery)`;
}

/**
 * What somebody typed, as a `tsquery` of beginnings of words that must all be found; undefined when there is no word
 * in it. Numbers are found however they are spaced, telephone numbers with or without their country.
 */
export function searchQuery(typed: string): string | undefined {
  const plain = typed
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .trim();
  // One number, such as 06 12 34 56 78 or +33 6 12 34 56 78: without what is dialled first, as the index has it.
  const words = /^[+\d][\d\s.()/-]*$/.test(plain)
    ? [plain.replace(/\D/g, '').replace(/^0/, '')]
    : plain.split(/\s+/).flatMap((word) => (isWhole(word) ? [word] : word.split(/[.'’-]+/)));
  const terms = words.filter((word) => word !== '').map((word) => `${quoted(word)}:*`);
  return terms.length === 0 ? undefined : terms.join(' & ');
}

/** A case number or a mail address is one word, with what is in it. */
function isWhole(word: string): boolean {
  return /^vc-\d*$/.test(word) || word.includes('@');
}

function quoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
