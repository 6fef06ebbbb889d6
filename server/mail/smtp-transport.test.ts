import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeMail } from './compose-mail.ts';
import { smtpTransport } from './smtp-transport.ts';
import { startSmtp, type TestSmtp } from './testing/smtp.ts';
import type { MailTransport } from './transport.ts';

const mail = composeMail(
  {
    messageId: 'follow-up-7@help.test',
    to: { name: 'Camille Durand', address: 'camille@exemple.test' },
    subject: 'Demande VC-100001',
    html: '<p>Bonjour</p>',
    text: 'Bonjour',
    date: new Date('2026-11-23T10:00:00+01:00'),
  },
  'Aiguillage <ne-pas-repondre@help.test>',
);

describe('a mail server that answers', () => {
  let smtp: TestSmtp;
  let transport: MailTransport;
  beforeEach(async () => {
    smtp = await startSmtp();
    transport = smtpTransport({ url: smtp.url });
  });
  afterEach(async () => {
    await transport.close();
    await smtp.close();
  });

  test('takes the mail, under the Message-ID it was given', async () => {
    expect(await transport.deliver(mail)).toEqual({ outcome: 'accepted' });
    expect(smtp.accepted.map(({ messageId, deliveredTo }) => ({ messageId, deliveredTo }))).toEqual([
      { messageId: '<follow-up-7@help.test>', deliveredTo: 'camille@exemple.test' },
    ]);
  });

  test('takes many at once over few connections', async () => {
    const ends = await Promise.all(Array.from({ length: 12 }, () => transport.deliver(mail)));
    expect(ends.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(smtp.accepted).toHaveLength(12);
  });

  test.each([
    [{ at: 'recipient', status: 450, words: '4.2.1 try later' }, { outcome: 'not_accepted' }],
    [{ at: 'message', status: 451, words: '4.3.0 try later' }, { outcome: 'not_accepted' }],
    [
      { at: 'recipient', status: 550, words: '5.1.1 <camille@exemple.test>: no such user' },
      { outcome: 'refused', what: 'recipient', answer: '550 5.1.1 EENVELOPE' },
    ],
    [
      { at: 'message', status: 554, words: '5.7.1 we do not like it' },
      { outcome: 'refused', what: 'message', answer: '554 5.7.1 EMESSAGE' },
    ],
  ] as const)('that refuses with %o: %o', async (refusal, delivery) => {
    smtp.refuse(refusal);
    const end = await transport.deliver(mail);
    expect(end).toMatchObject(delivery);
    expect(JSON.stringify(end)).not.toContain('camille');
    expect(smtp.accepted).toHaveLength(0);
    expect(await transport.deliver(mail)).toEqual({ outcome: 'accepted' });
  });
});

describe('a mail server that is not well', () => {
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server?.close();
    server = undefined;
  });

  /** A server that says each line when its turn comes: after the greeting, one per line it is sent. */
  async function scripted(play: (line: string, socket: Socket) => void): Promise<MailTransport> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.write('220 here\r\n');
      socket.on('data', (data) => {
        for (const line of data.toString().split('\r\n')) if (line) play(line, socket);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('no port');
    return smtpTransport({ url: `smtp://127.0.0.1:${address.port}` });
  }

  test('is away: certainly nothing was accepted', async () => {
    const transport = smtpTransport({ url: 'smtp://127.0.0.1:1' });
    expect(await transport.deliver(mail)).toMatchObject({ outcome: 'not_accepted' });
    await transport.close();
  });

  test('refuses the sender, or us: the installation is at fault, not the recipient', async () => {
    const transport = await scripted((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250 here\r\n');
      if (line.startsWith('MAIL')) socket.write('550 5.7.1 not you\r\n');
      if (line.startsWith('RSET')) socket.write('250 ok\r\n');
    });
    expect(await transport.deliver(mail)).toMatchObject({ outcome: 'not_accepted' });
    await transport.close();
  });

  test('hangs up before the message: certainly nothing was accepted', async () => {
    const transport = await scripted((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250 here\r\n');
      if (line.startsWith('MAIL')) socket.destroy();
    });
    expect(await transport.deliver(mail)).toMatchObject({ outcome: 'not_accepted' });
    await transport.close();
  });

  test('hangs up after the message: nobody knows', async () => {
    const transport = await scripted((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250 here\r\n');
      if (line.startsWith('MAIL') || line.startsWith('RCPT')) socket.write('250 ok\r\n');
      if (line === 'DATA') socket.write('354 go on\r\n');
      if (line === '.') socket.destroy();
    });
    expect(await transport.deliver(mail)).toMatchObject({ outcome: 'unknown' });
    await transport.close();
  });
});
