import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';
import { composeMail, type MailContent, UnusableAddress } from './compose-mail.ts';

const content: MailContent = {
  messageId: 'follow-up-7@help.test',
  to: { name: 'Camille Durand', address: 'camille@exemple.test' },
  subject: 'Demande VC-100001',
  html: '<p>Bonjour</p>',
  text: 'Bonjour',
  date: new Date('2026-11-23T10:00:00+01:00'),
};

/** The mail as it leaves: its header lines, unfolded, and its envelope. */
async function sent(overrides: Partial<MailContent>) {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message, envelope } = await transport.sendMail(
    composeMail({ ...content, ...overrides }, 'Aiguillage <ne-pas-repondre@help.test>'),
  );
  const source = message.toString();
  const head = source.slice(0, source.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  return { source, envelope, lines: head.split('\r\n'), parsed: await simpleParser(source) };
}

test('says that no person wrote it and that no robot should answer', async () => {
  const { lines } = await sent({});
  expect(lines).toContain('Auto-Submitted: auto-generated');
  expect(lines).toContain('X-Auto-Response-Suppress: All');
  expect(lines).toContain('Message-ID: <follow-up-7@help.test>');
  expect(lines.filter((line) => /^(in-reply-to|references|list-unsubscribe)/i.test(line))).toEqual([]);
});

test('joins the conversation of an earlier mail', async () => {
  const { lines } = await sent({ inReplyTo: 'follow-up-6@help.test' });
  expect(lines).toContain('In-Reply-To: <follow-up-6@help.test>');
  expect(lines).toContain('References: <follow-up-6@help.test>');
});

test('offers to stop the mails in one click where there is an address for it', async () => {
  const { lines } = await sent({ unsubscribeUrl: 'https://help.test/suivi/abc/arret' });
  expect(lines).toContain('List-Unsubscribe: <https://help.test/suivi/abc/arret>');
  expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
});

test('carries the same words as text and as HTML', async () => {
  const { parsed } = await sent({ html: '<p>Où en êtes-vous ?</p>', text: 'Où en êtes-vous ?' });
  expect(parsed.text?.trim()).toBe('Où en êtes-vous ?');
  expect(parsed.html).toContain('Où en êtes-vous ?');
});

describe('what people type', () => {
  test.each([
    ['a new line and a header', 'Eve\r\nBcc: everybody@exemple.test'],
    ['a bare carriage return', 'Eve\rBcc: everybody@exemple.test'],
    ['a line separator', 'Eve\u2028Bcc: everybody@exemple.test'],
    ['a quotation mark', 'Eve" <other@exemple.test>, "x'],
    ['a NUL', 'Eve\0Durand'],
    ['a reversal of the reading direction', 'Eve \u202Etset.elpmexe@kcatta'],
    ['a name written from right to left', 'כמיל דוראן'],
  ])('in a name, %s adds neither header nor recipient', async (_what, name) => {
    const { lines, envelope, parsed } = await sent({ to: { name, address: 'camille@exemple.test' } });
    expect(envelope).toEqual({ from: 'ne-pas-repondre@help.test', to: ['camille@exemple.test'] });
    expect(lines.filter((line) => /^b?cc:/i.test(line))).toEqual([]);
    expect(lines.filter((line) => /^to:/i.test(line))).toHaveLength(1);
    const to = Array.isArray(parsed.to) ? parsed.to : [parsed.to];
    expect(to.flatMap((each) => each?.value ?? []).map(({ address }) => address)).toEqual([
      'camille@exemple.test',
    ]);
    expect(JSON.stringify(to)).not.toMatch(/\\r|\\n|\u202e|\u2028|\\u0000/);
  });

  test('in a subject, new lines stay in the subject', async () => {
    const { lines, parsed } = await sent({ subject: 'Demande\r\nBcc: everybody@exemple.test\r\n\r\nhello' });
    expect(parsed.subject).toBe('Demande Bcc: everybody@exemple.test hello');
    expect(lines.filter((line) => /^bcc:/i.test(line))).toEqual([]);
  });

  test.each([
    'camille@exemple.test, other@exemple.test',
    'camille@exemple.test;other@exemple.test',
    'camille@exemple.test\r\nBcc: other@exemple.test',
    '"camille@exemple.test, x"@exemple.test',
    'Camille <camille@exemple.test>',
    'camille@[127.0.0.1]',
    'camille@exemple.test (comment)',
    'camille',
    '@exemple.test',
    'camille@exemple.test\u202e',
    `${'c'.repeat(250)}@exemple.test`,
    '',
  ])('as an address, %j is refused', (address) => {
    expect(() => composeMail({ ...content, to: { name: 'Eve', address } }, 'n@help.test')).toThrow(
      UnusableAddress,
    );
  });

  test.each(['camille.durand+vc@exemple.test', "o'connor@exemple.test", 'é@exémple.test'])(
    'as an address, %j is taken',
    async (address) => {
      const { envelope } = await sent({ to: { name: '', address } });
      expect(envelope.to).toEqual([address]);
    },
  );
});
