/**
 * Purpose: the département of a place of work, as one small number, also where only its postal code is known.
 * Entry points: `departmentCode`, `findDepartment`, `departmentText`.
 * May import: nothing of the project.
 */

/** Of those who have none, such as stand-ins; and of what is none of ours, as abroad. */
export const noDepartment = 255;
export const otherDepartment = 254;

/** 0 to 99 as they are, Corsica, then overseas (970 to 989). */
export function departmentCode(department: string): number {
  if (department === '') return noDepartment;
  if (/^\d{1,2}$/.test(department)) return Number(department);
  if (/^2[AB]$/i.test(department)) return department.toUpperCase() === '2A' ? 100 : 101;
  if (/^9[78]\d$/.test(department)) return Number(department) - 860;
  return otherDepartment;
}

const texts: readonly string[] = Array.from({ length: otherDepartment }, (_, code) => {
  if (code < 100) return String(code).padStart(2, '0');
  if (code < 102) return code === 100 ? '2A' : '2B';
  return String(code + 860);
});

/** The département that a code stands for; blank when it stands for none. */
export function departmentText(code: number): string {
  return texts[code] ?? '';
}

/** Where a field lies in the bytes of a line. */
export interface Span {
  from: number;
  to: number;
}

/** Codes by the first bytes that they were found from: a few hundred. */
const known = new Map<number, number>();

/**
 * The code of a place's département: as it is given, else as its commune (INSEE), else its postal code tells. The
 * directory gives neither of the first two for most of those who were registered by an ARS.
 */
export function findDepartment(bytes: Buffer, department: Span, commune: Span, postCode: Span): number {
  if (department.from < department.to) return ofBytes(bytes, department.from, department.to, 0);
  if (commune.from < commune.to)
    return ofBytes(bytes, commune.from, Math.min(commune.to, commune.from + 3), 1);
  if (postCode.from < postCode.to) {
    return ofBytes(bytes, postCode.from, Math.min(postCode.to, postCode.from + 3), 2);
  }
  return noDepartment;
}

/** @param source 0 for a département, 1 for the beginning of a commune, 2 for that of a postal code. */
function ofBytes(bytes: Buffer, from: number, to: number, source: 0 | 1 | 2): number {
  // Longer than any: not worth remembering.
  if (to - from > 3) return departmentCode(bytes.toString('utf8', from, to).trim());
  let packed = source;
  for (let i = from; i < to; i++) packed = packed * 256 + (bytes[i] ?? 0);
  let code = known.get(packed);
  if (code === undefined) {
    const text = bytes.toString('utf8', from, to).trim();
    code = departmentCode(source === 0 ? text : ofPlace(text, source === 2));
    known.set(packed, code);
  }
  return code;
}

/** The département that the first three characters of a commune or a postal code name. */
function ofPlace(beginning: string, isPostCode: boolean): string {
  if (/^9[78]/.test(beginning)) return beginning;
  // 200 and 201 are the south of Corsica, 202 and 206 the north.
  if (isPostCode && beginning.startsWith('20')) return /^20[01]/.test(beginning) ? '2A' : '2B';
  return beginning.slice(0, 2);
}
