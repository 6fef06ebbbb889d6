/**
 * Purpose: what makes a file look wrong, so that it does not take the place of the directory in use.
 * Entry points: `Doubt`, `canBeForced`, `doubtsAboutContent`; each code is a sentence of the catalogues, `directory.doubts.<code>`.
 * May import: nothing.
 */

/** Data only, fit to be stored as JSON. */
export type Doubt =
  /** Nothing at all, or a header and no professional. */
  | { readonly code: 'empty' }
  /** Columns without which no row can be understood. */
  | { readonly code: 'unusable'; readonly columns: readonly string[] }
  /** Columns that are there twice: which one counts cannot be told. */
  | { readonly code: 'repeated'; readonly columns: readonly string[] }
  /** Columns of the known format that are not there. */
  | { readonly code: 'missing'; readonly columns: readonly string[] }
  /** Far fewer professionals than the directory in use. */
  | { readonly code: 'fewer'; readonly before: number; readonly now: number }
  /** More rows were rejected than a few misaligned ones explain. */
  | { readonly code: 'rejected'; readonly rejected: number; readonly rows: number };

const forceable: ReadonlySet<Doubt['code']> = new Set(['missing', 'fewer', 'rejected']);

/** Whether the directory can be replaced all the same, when whoever imports insists. */
export function canBeForced(doubt: Doubt): boolean {
  return forceable.has(doubt.code);
}

/** A directory that loses more than a fifth of its professionals from one day to the next is not whole. */
const leastShareOfBefore = 0.8;

/** The real file has a few misaligned rows; a fifth of them means that it was not understood. */
const mostShareRejected = 0.2;

/**
 * What is doubtful in what was read.
 * @param before professionals of the directory in use; undefined when there is none.
 */
export function doubtsAboutContent(
  read: { readonly rows: number; readonly rejected: number; readonly professionals: number },
  before: number | undefined,
): readonly Doubt[] {
  const { rows, rejected, professionals } = read;
  const doubts: Doubt[] = [];
  if (professionals === 0) doubts.push({ code: 'empty' });
  else if (before !== undefined && professionals < before * leastShareOfBefore) {
    doubts.push({ code: 'fewer', before, now: professionals });
  }
  if (rejected > (rows + rejected) * mostShareRejected) {
    doubts.push({ code: 'rejected', rejected, rows: rows + rejected });
  }
  return doubts;
}
