/**
 * Purpose: the parts of reading a scanned symbol: check digits, dates, keyboards that garble. Pure.
 * Entry points: ../gs1.ts.
 * May import: nothing of the project.
 */

/** Whether a text is made of digits alone. */
export function digitsOf(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/** Whether the last digit of a GTIN (8 to 14 digits) is the one that the others give, weighted 3 and 1 from the right. */
export function gtinHolds(gtin: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...gtin].reverse().entries()) {
    sum += Number(digit) * (place % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

/**
 * YYMMDD as YYYY-MM-DD: the year that is 49 before to 50 after `year`, and day 00 the month's last.
 * @returns undefined for what is no date.
 */
export function dateOf(value: string, year: number): string | undefined {
  const [yy, month, day] = [value.slice(0, 2), value.slice(2, 4), value.slice(4, 6)].map(Number);
  if (yy === undefined || month === undefined || day === undefined || month < 1 || month > 12)
    return undefined;
  const century = Math.floor(year / 100) * 100;
  const difference = yy - (year % 100);
  const full = century + yy + (difference >= 51 ? -100 : difference <= -50 ? 100 : 0);
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  if (day > last) return undefined;
  return `${full}-${value.slice(2, 4)}-${String(day === 0 ? last : day).padStart(2, '0')}`;
}
