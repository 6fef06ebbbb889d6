import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { composeMail } from './compose-mail.ts';
import { openMailTransport } from './transport.ts';

let dataDirectory: string;
beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'aiguillage-mails-'));
});
afterEach(() => rmSync(dataDirectory, { recursive: true, force: true }));

const mail = (text: string) =>
  composeMail(
    {
      messageId: 'follow-up-7@localhost',
      to: { name: 'Camille Durand', address: 'camille@exemple.test' },
      subject: 'Demande VC-100001',
      html: `<p>${text}</p>`,
      text,
      date: new Date('2026-11-23T10:00:00+01:00'),
    },
    'Aiguillage <ne-pas-repondre@localhost>',
  );

test('without SMTP_URL, mails are files named after their Message-ID, and nothing else is left behind', async () => {
  const transport = openMailTransport({ smtpUrl: undefined, dataDirectory });
  expect(await transport.deliver(mail('Bonjour'))).toEqual({ outcome: 'accepted' });
  expect(readdirSync(join(dataDirectory, 'mails'))).toEqual(['follow-up-7@localhost.eml']);
  const source = readFileSync(join(dataDirectory, 'mails', 'follow-up-7@localhost.eml'));
  expect((await simpleParser(source)).text?.trim()).toBe('Bonjour');
  await transport.close();
});

test('the same mail sent again is one mail', async () => {
  const transport = openMailTransport({ smtpUrl: undefined, dataDirectory });
  await Promise.all([transport.deliver(mail('Bonjour')), transport.deliver(mail('Bonjour'))]);
  expect(readdirSync(join(dataDirectory, 'mails'))).toHaveLength(1);
  await transport.close();
});

test('a disk that cannot be written is worth another try', async () => {
  writeFileSync(join(dataDirectory, 'mails'), 'a file where the folder should be');
  const transport = openMailTransport({ smtpUrl: undefined, dataDirectory });
  expect(await transport.deliver(mail('Bonjour'))).toMatchObject({ outcome: 'not_accepted' });
  await transport.close();
});
