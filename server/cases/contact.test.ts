import { describe, expect, test } from 'vitest';
import { checkEmail } from '../mail/email-address.ts';
import { checkContact, checkName, checkPhone } from './contact.ts';

describe('a name', () => {
  test.each([
    ['  Jeanne \n  d’Arc-Dupont ', 'Jeanne d’Arc-Dupont'],
    ['محمد العربي', 'محمد العربي'],
    ['😀', '😀'],
    ["Robert'); DROP TABLE cases;--", "Robert'); DROP TABLE cases;--"],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['e\u0301lodie', 'élodie'],
    // What turns the reading direction around would scramble what an agent reads.
    ['\u202eAnne\u202c', 'Anne'],
    ['é'.repeat(120), 'é'.repeat(120)],
  ])('%j is kept as %j', (typed, kept) => {
    expect(checkName(typed)).toEqual({ value: kept });
  });

  test.each([
    ['', 'missing'],
    ['   ', 'missing'],
    ['\u200b\u2060', 'missing'],
    ['a'.repeat(121), 'too_long'],
  ])('%j is %s', (typed, fault) => {
    expect(checkName(typed)).toEqual({ problem: `case.errors.name_${fault}` });
  });

  test('of a million characters is refused at once', () => {
    expect(checkName('e\u0301'.repeat(500_000))).toEqual({ problem: 'case.errors.name_too_long' });
    expect(checkName(`a${'\u0301'.repeat(1000)}`)).toEqual({ problem: 'case.errors.name_too_long' });
  });
});

describe('a telephone number', () => {
  test.each([
    ['06 12 34 56 78', '+33612345678'],
    ['06.12.34.56.78', '+33612345678'],
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['0033 6 12 34 56 78', '+33612345678'],
    ['01 23 45 67 89', '+33123456789'],
    ['0590 82 12 34', '+590590821234'],
    ['0690 12 34 56', '+590690123456'],
    ['0596 50 12 34', '+596596501234'],
    ['0694 20 12 34', '+594694201234'],
    ['0262 20 12 34', '+262262201234'],
    ['0692 12 34 56', '+262692123456'],
    ['0639 69 12 34', '+262639691234'],
    ['0508 41 23 45', '+508412345'],
    ['+687 75 12 34', '+687751234'],
    ['+689 87 12 34 56', '+68987123456'],
    ['+681 72 12 34', '+681721234'],
    ['+32 470 12 34 56', '+32470123456'],
    ['０６１２３４５６７８', '+33612345678'],
  ])('%s is stored as %s', (typed, stored) => {
    expect(checkPhone(typed)).toEqual({ value: stored });
  });

  test.each([
    '06 12 34 56 7',
    '06 12 34 56 789',
    '3608',
    'poste 12',
    '01 23 45 67 89 poste 12',
    '01 23 45 67 89 ext 12',
    // Six digits could be New Caledonia's or half a number.
    '75 12 34',
    '+33 6 12',
    '0'.repeat(1_000_000),
  ])('%s is refused', (typed) => {
    expect(checkPhone(typed)).toEqual({ problem: 'case.errors.phone_wrong' });
  });

  test('that costs its caller money is refused, and told apart', () => {
    expect(checkPhone('0899 12 34 56')).toEqual({ problem: 'case.errors.phone_premium' });
  });
});

describe('an e-mail address', () => {
  test.each([
    [' camille.durand@chu-lille.fr ', 'camille.durand@chu-lille.fr'],
    ['Camille+covid@Exemple.FR', 'Camille+covid@exemple.fr'],
    ["o'neil@exemple.fr", "o'neil@exemple.fr"],
    ['accueil@hôpital.fr', 'accueil@xn--hpital-ixa.fr'],
    // Accepted as any other: nothing says that it cannot receive our mails.
    ['camille.durand@medecin.mssante.fr', 'camille.durand@medecin.mssante.fr'],
    [`${'a'.repeat(64)}@${'b'.repeat(63)}.fr`, `${'a'.repeat(64)}@${'b'.repeat(63)}.fr`],
  ])('%s is stored as %s', (typed, stored) => {
    expect(checkEmail(typed)).toEqual({ value: stored });
  });

  test.each([
    'camille.durand',
    '@exemple.fr',
    'camille@exemple',
    'camille..durand@exemple.fr',
    '.camille@exemple.fr',
    'camille@-exemple.fr',
    'camille@exemple.fr.',
    'camille@[192.0.2.1]',
    'camille@192.0.2.1',
    'camille durand@exemple.fr',
    'Camille <camille@exemple.fr>',
    'camille@exemple.fr, autre@exemple.fr',
    'camille@exemple.fr\r\nBcc: autre@exemple.fr',
    'éloïse@exemple.fr',
    `${'a'.repeat(65)}@exemple.fr`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}.fr`,
    'a@b.'.repeat(300_000),
  ])('%j is refused', (typed) => {
    expect(checkEmail(typed)).toEqual({ problem: 'case.errors.email_wrong' });
  });
});

describe('a contact', () => {
  test('is enough with a telephone number or an e-mail address', () => {
    expect(checkContact({ name: 'Anne', phone: '06 12 34 56 78', email: '  ' })).toEqual({
      name: 'Anne',
      phone: '+33612345678',
      email: null,
    });
    expect(checkContact({ name: 'Anne', email: 'anne@exemple.fr' })).toEqual({
      name: 'Anne',
      phone: null,
      email: 'anne@exemple.fr',
    });
  });

  test('without either names the way that is missing', () => {
    expect(checkContact({ name: 'Anne', phone: ' ', email: '' })).toEqual({
      errors: [{ path: '/contact/phone', key: 'case.errors.unreachable' }],
    });
  });

  test('names every field at fault at once', () => {
    const checked = checkContact({ name: ' ', phone: '12', email: 'anne' });
    expect('errors' in checked && checked.errors.map(({ path, key }) => [path, key])).toEqual([
      ['/contact/name', 'case.errors.name_missing'],
      ['/contact/phone', 'case.errors.phone_wrong'],
      ['/contact/email', 'case.errors.email_wrong'],
    ]);
  });
});
