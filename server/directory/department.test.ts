import { describe, expect, it } from 'vitest';
import {
  departmentCode,
  departmentText,
  findDepartment,
  noDepartment,
  otherDepartment,
} from './department.ts';

function found(department: string, commune: string, postCode: string): string | number {
  const bytes = Buffer.from(`${department}|${commune}|${postCode}`);
  const second = department.length + 1;
  const third = second + commune.length + 1;
  const code = findDepartment(
    bytes,
    { from: 0, to: department.length },
    { from: second, to: second + commune.length },
    { from: third, to: bytes.length },
  );
  return departmentText(code) || code;
}

describe('a département', () => {
  it.each(['01', '09', '33', '95', '99', '2A', '2B', '971', '976', '988'])(
    '%s has a code of its own',
    (department) => {
      expect(departmentText(departmentCode(department))).toBe(department);
    },
  );

  it('is one number whoever writes it', () => {
    expect(departmentCode('1')).toBe(departmentCode('01'));
    expect(departmentCode('2a')).toBe(departmentCode('2A'));
    const all = [...Array(100).keys(), ...'2A 2B 970 979 980 989'.split(' ')].map((each) =>
      departmentCode(String(each)),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(Math.max(...all)).toBeLessThan(otherDepartment);
  });

  it.each([
    ['33', '75056', '69003', '33'],
    ['', '33063', '75001', '33'],
    ['', '2A004', '20000', '2A'],
    ['', '97105', '', '971'],
    ['', '', '33000', '33'],
    ['', '', '20000', '2A'],
    ['', '', '20137', '2A'],
    ['', '', '20200', '2B'],
    ['', '', '20620', '2B'],
    ['', '', '97400', '974'],
    ['', '', '98800', '988'],
    ['', '', 'GL', otherDepartment],
    ['', '', 'SW1A', otherDepartment],
    ['Gironde', '', '33000', otherDepartment],
    ['', '', '', noDepartment],
  ])(
    'is that of the département "%s", the commune "%s", the postal code "%s": %s',
    (department, commune, postCode, expected) => {
      expect(found(department, commune, postCode)).toBe(expected);
    },
  );
});
