import { describe, expect, test } from 'vitest';
import { theNotice } from '../routing/builders.ts';
import { testTexts, testViews } from '../testing/test-app.ts';
import { languages } from '../texts.ts';
import { followUpMail, greetingName, type MailedCase } from './follow-up-mail.ts';
import { type MailedKind, mailedKinds } from './follow-ups.table.ts';

const making = {
  texts: testTexts,
  views: testViews,
  configuration: theNotice(),
  publicUrl: 'https://help.test',
};

const about: MailedCase = {
  number: 'VC-100001',
  hotlineId: 'etablissements',
  contactName: 'Camille Durand',
  contactEmail: 'camille@exemple.test',
  language: 'fr',
  trackingToken: 'secret-token',
};

const callback = {
  id: 12,
  state: 'booked',
  startsAt: new Date('2026-11-24T14:20:00+01:00'),
  endsAt: new Date('2026-11-24T14:40:00+01:00'),
  begun: false,
  zone: 'America/Guadeloupe',
  replaced: undefined,
  told: false,
} as const;

/** What a mail of that kind is about. */
const subjectOf = (kind: MailedKind): MailedCase =>
  kind.startsWith('callback_') ? { ...about, callback } : about;

const monday = new Date('2026-11-23T10:00:00+01:00');
const evening = new Date('2026-11-23T21:00:00+01:00');

describe.each(mailedKinds)('the mail %s', (kind) => {
  test.each(languages)('in %s says in both forms all that is needed to go on', (language) => {
    const { html, text, subject } = followUpMail(
      { id: 7, kind },
      { ...subjectOf(kind), language },
      undefined,
      monday,
      making,
    );
    expect(html).toContain(`lang="${language}"`);
    expect(subject).toContain('VC-100001');
    for (const form of [decoded(html), plainSpaces(text)]) {
      expect(form).toContain('Camille Durand');
      expect(form).toContain('VC-100001');
      expect(form).toContain('0 800 08 12 07');
      expect(form).toContain('https://help.test/suivi/secret-token');
      expect(form).toContain(plainSpaces(testTexts.say(language, 'mails.ending.stop')));
      expect(form).toContain(language === 'fr' ? 'Ouvert jusqu’à 20 h 00' : 'Open until 20:00');
      expect(form).toContain(language === 'fr' ? 'heure de Paris' : 'Paris time');
    }
  });

  test('has no text left over and no markup in its text form', () => {
    const { html, text } = followUpMail({ id: 7, kind }, subjectOf(kind), undefined, monday, making);
    for (const form of [html, text]) expect(form).not.toMatch(/\{\{|\}\}|\{[a-z]+\}|undefined|\[object/i);
    expect(text).not.toMatch(/<[a-z/]|&[a-z#0-9]+;/i);
    expect(text).not.toMatch(/\n{4,}/);
  });

  test('carries nothing to fetch and nothing to run', () => {
    const { html } = followUpMail({ id: 7, kind }, subjectOf(kind), undefined, monday, making);
    expect(html).not.toMatch(/<(img|script|link|iframe|form)\b|@import|url\(|\son[a-z]+=/i);
  });
});

test('the two answers are links to a page that asks to confirm, in both forms', () => {
  const mail = followUpMail({ id: 7, kind: 'did_it_work' }, about, undefined, monday, making);
  for (const form of [decoded(mail.html), mail.text]) {
    expect(form).toContain('https://help.test/suivi/secret-token/reponse?suivi=7&reponse=works');
    expect(form).toContain('https://help.test/suivi/secret-token/reponse?suivi=7&reponse=stuck');
  }
});

test('the mails can be stopped from either form, and by the mail program itself', () => {
  const mail = followUpMail({ id: 7, kind: 'did_it_work' }, about, undefined, monday, making);
  for (const form of [mail.html, mail.text])
    expect(form).toContain('https://help.test/suivi/secret-token#mails');
  expect(mail.unsubscribeUrl).toBe('https://help.test/suivi/secret-token/arret');
});

test('hours are those of the moment of sending', () => {
  const { text } = followUpMail({ id: 7, kind: 'did_it_work' }, about, undefined, evening, making);
  expect(plainSpaces(text)).toContain('Fermé — ouvre demain à 9 h 00');
  expect(text).toContain('lundi 23 novembre 2026 à 21:00');
});

test('hours that nobody told us are not guessed', () => {
  const independent = { ...about, hotlineId: 'liberaux' };
  const { text } = followUpMail({ id: 7, kind: 'case_opened' }, independent, undefined, monday, making);
  expect(text).toContain('3608');
  expect(text).toContain('Horaires non communiqués');
});

test('its Message-ID is the same at every try, and joins the conversation of the first mail', () => {
  const first = followUpMail({ id: 7, kind: 'case_opened' }, about, undefined, monday, making);
  const again = followUpMail({ id: 7, kind: 'case_opened' }, about, undefined, evening, making);
  const second = followUpMail({ id: 8, kind: 'did_it_work' }, about, 7, evening, making);
  expect(first).toMatchObject({ messageId: 'follow-up-7@help.test' });
  expect(first).not.toHaveProperty('inReplyTo');
  expect(again.messageId).toBe(first.messageId);
  expect(second).toMatchObject({ messageId: 'follow-up-8@help.test', inReplyTo: first.messageId });
});

describe('a name as it was typed', () => {
  test.each([
    ['Camille Durand', 'Camille Durand'],
    ['  Camille\u00a0 Durand\n', 'Camille Durand'],
    ["Jean-François d'Ormesson", "Jean-François d'Ormesson"],
    ['Dr. Durand', 'Dr. Durand'],
    ['J. P. Martin', 'J. P. Martin'],
    ['כמיל דוראן', 'כמיל דוראן'],
    ['Zoé 🌻', 'Zoé 🌻'],
  ])('%j greets as %j', (typed, greeted) => {
    expect(greetingName(typed)).toBe(greeted);
  });

  test.each([
    'https://attaque.test',
    'www.attaque.test',
    'Allez sur attaque.test',
    'eve@attaque.test',
    '<script>alert(1)</script>',
    'Gagnez 1000 euros',
    'Vous avez gagné !',
    'a'.repeat(81),
    '\u202e',
    '',
  ])('%j greets nobody: our mails say nothing for others', (typed) => {
    expect(greetingName(typed)).toBeUndefined();
    const { html, text, to } = followUpMail(
      { id: 7, kind: 'case_opened' },
      { ...about, contactName: typed },
      undefined,
      monday,
      making,
    );
    expect(to.name).toBe('');
    expect(text).toContain('\nBonjour,\n');
    if (typed.length > 1) for (const form of [decoded(html), text]) expect(form).not.toContain(typed);
  });

  test('is escaped in HTML', () => {
    const name = "Camille & d'Or";
    const { html } = followUpMail(
      { id: 7, kind: 'case_opened' },
      { ...about, contactName: name },
      undefined,
      monday,
      making,
    );
    expect(html).toContain('<bdi>Camille &amp; d&#x27;Or</bdi>');
  });
});

/** As text: without the escapes that HTML needs, no-break spaces as plain ones. */
function decoded(html: string): string {
  return plainSpaces(html.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&amp;', '&'));
}

function plainSpaces(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, ' ');
}
