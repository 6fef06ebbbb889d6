import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import type { Config } from '../config.ts';
import { testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { composeMail } from './compose-mail.ts';
import { fileTransport, mailDirectory } from './file-transport.ts';

const database = testDatabase();
const dataDirectory = mkdtempSync(join(tmpdir(), 'aiguillage-demo-'));
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

async function appWith(config: Partial<Config>): Promise<FastifyInstance> {
  const deps = testDependencies(database);
  return buildApp({ ...deps, config: { ...deps.config, dataDirectory, ...config } });
}

async function write(id: number, words: { text: string; html: string; name?: string }): Promise<void> {
  const mail = composeMail(
    {
      messageId: `follow-up-${id}@localhost`,
      to: { name: words.name ?? 'Camille Durand', address: 'camille@exemple.test' },
      subject: `Demande VC-${id}`,
      html: words.html,
      text: words.text,
      date: new Date('2026-11-23T10:00:00+01:00'),
    },
    'Aiguillage <ne-pas-repondre@localhost>',
  );
  await fileTransport(mailDirectory({ dataDirectory })).deliver(mail);
}

describe('where mails are not really sent', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appWith({});
  });
  afterAll(() => app.close());
  const get = (url: string, language = 'fr') =>
    app.inject({ url, headers: { accept: 'text/html', 'accept-language': language } });

  test('before any mail, the page says how to get one', async () => {
    const { statusCode, body } = await get('/demo/mails');
    expect(statusCode).toBe(200);
    expect(body).toContain('Aucun message pour l’instant');
    expect((await get('/demo/mails', 'en')).body).toContain('No message yet');
  });

  test('mails are listed and can be read, with links that can be followed', async () => {
    await write(100001, {
      text: 'Bonjour <b>,\nSuivi :\nhttp://localhost:3000/suivi/abc?x=1&y=2\n\nMerci',
      html: '<p>Bonjour</p>',
    });
    const list = await get('/demo/mails');
    expect(list.body).toContain('href="/demo/mails/follow-up-100001@localhost.eml"');
    expect(list.body).toContain('camille@exemple.test');
    expect(list.body).toContain('lundi 23 novembre 2026 à 10:00');
    const page = await get('/demo/mails/follow-up-100001@localhost.eml');
    expect(page.statusCode).toBe(200);
    const address = 'http://localhost:3000/suivi/abc?x&#x3D;1&amp;y&#x3D;2';
    expect(page.body).toContain(`<a href="${address}">${address}</a>`);
    expect(page.body).toContain('Bonjour &lt;b&gt;,<br>');
  });

  test('the HTML form is shown as a mail client would: no script, nothing fetched, nothing of this site’s', async () => {
    await write(100002, { text: 'Bonjour', html: '<p>Bonjour</p><script>alert(1)</script>' });
    const { statusCode, body, headers } = await get('/demo/mails/follow-up-100002@localhost.eml/html');
    expect(statusCode).toBe(200);
    expect(body).toContain('<p>Bonjour</p>');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';style-src 'unsafe-inline';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
  });

  test.each([
    '/demo/mails/none.eml',
    '/demo/mails/..%2Fsecret.eml',
    '/demo/mails/%2Fetc%2Fpasswd',
    '/demo/mails/.hidden.eml',
    '/demo/mails/none.eml/html',
  ])('%s is not found', async (url) => {
    writeFileSync(join(dataDirectory, 'secret.eml'), 'Subject: secret\r\n\r\nsecret');
    mkdirSync(mailDirectory({ dataDirectory }), { recursive: true });
    writeFileSync(join(mailDirectory({ dataDirectory }), '.hidden.eml'), 'Subject: half\r\n\r\nwritten');
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(404);
    expect(body).not.toContain('secret');
  });
});

test.each([
  ['a mail server is configured', { smtpUrl: 'smtp://127.0.0.1:25' }],
  ['in production', { production: true, smtpUrl: 'smtp://127.0.0.1:25' }],
])('where %s there are no such pages', async (_where, config) => {
  const app = await appWith(config);
  const { statusCode } = await app.inject({ url: '/demo/mails', headers: { accept: 'text/html' } });
  expect(statusCode).toBe(404);
  await app.close();
});
