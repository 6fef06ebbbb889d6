import { expect, test } from 'vitest';
import { calendarFile } from './calendar-file.ts';

const entry = {
  method: 'PUBLISH',
  uid: 'callback-12@help.test',
  startsAt: new Date('2026-11-24T14:20:00+01:00'),
  endsAt: new Date('2026-11-24T14:40:00+01:00'),
  writtenAt: new Date('2026-11-23T10:00:00.500+01:00'),
  summary: 'Appel de l’assistance; demande VC-1, bientôt',
  description: 'Première ligne\nseconde',
} as const;

/** The lines as they were before they were folded. */
const linesOf = (file: string) => file.replaceAll('\r\n ', '').split('\r\n').filter(Boolean);

test('an entry has its moments in UTC, and its words escaped', () => {
  expect(linesOf(calendarFile(entry))).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Aiguillage//Callbacks//FR',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    'UID:callback-12@help.test',
    'SEQUENCE:0',
    'DTSTAMP:20261123T090000Z',
    'DTSTART:20261124T132000Z',
    'DTEND:20261124T134000Z',
    'SUMMARY:Appel de l’assistance\\; demande VC-1\\, bientôt',
    'DESCRIPTION:Première ligne\\nseconde',
    'STATUS:CONFIRMED',
    'TRANSP:OPAQUE',
    'END:VEVENT',
    'END:VCALENDAR',
  ]);
});

test('one that is off is later than the first word about it', () => {
  const lines = linesOf(calendarFile({ ...entry, method: 'CANCEL' }));
  for (const line of ['METHOD:CANCEL', 'UID:callback-12@help.test', 'SEQUENCE:1', 'STATUS:CANCELLED']) {
    expect(lines).toContain(line);
  }
});

test('no line is longer than 75 bytes, no letter cut, no line break smuggled in', () => {
  const summary = `${'é’𝄞'.repeat(60)}\r\nATTENDEE:mailto:other@exemple.test`;
  const file = calendarFile({ ...entry, summary });
  for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(linesOf(file)).toHaveLength(17);
  expect(file.replaceAll('\r\n ', '')).toContain('é’𝄞'.repeat(60));
});
