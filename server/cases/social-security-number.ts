import { Problem } from '../problem.ts';

/** Digits written together or in groups, as people copy them from a card. */
const gap = '[\\s.\\-_/]{0,3}';
const digits = (count: number) => Array(count).fill('\\d').join(gap);

/** Sex, year, month, department (2A and 2B in Corsica), commune, order, key: what a NIR is made of. */
const candidates = new RegExp(
  `(?<!\\d)(?=(${[
    '[1-8]',
    digits(2),
    `(?:${['0', '[1-9]'].join(gap)}|${['1', '[0-2]'].join(gap)}|${['2', '0'].join(gap)}|${['3', '\\d'].join(gap)}|${['4', '[0-2]'].join(gap)}|${['[5-9]', '\\d'].join(gap)})`,
    ['\\d', '[\\dAB]'].join(gap),
    digits(3),
    digits(3),
    digits(2),
  ].join(gap)})(?!\\d))`,
  'giu',
);

/**
 * Whether a text holds a social security number (NIR), which must never reach the desk: 15 characters whose key is
 * right, so that one in about 130 other numbers of that length is taken for one.
 * Shape and key: 97 − (number mod 97), with 2A read as 19 and 2B as 18.
 */
export function holdsSocialSecurityNumber(text: string): boolean {
  for (const [, found = ''] of text.normalize('NFKC').matchAll(candidates)) {
    const compact = found.replace(/[^\dAB]/giu, '').toUpperCase();
    const number = Number(compact.slice(0, 13).replace('2A', '19').replace('2B', '18'));
    if (97 - (number % 97) === Number(compact.slice(13))) return true;
  }
  return false;
}

/**
 * Keeps a social security number out of what an agent writes.
 * @throws Problem 422 `invalid` on `/body`.
 */
export function refuseSocialSecurityNumber(body: string): void {
  if (!holdsSocialSecurityNumber(body)) return;
  const error = { path: '/body', key: 'problems.fields.socialSecurityNumber' };
  throw new Problem(422, 'invalid', { errors: [error] });
}
