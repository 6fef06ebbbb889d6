import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, launchBrowser } from '../testing/browser.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { drawPng } from './codes/draw-code.ts';
import { composeDcc, signDcc } from './dcc/sign-dcc.ts';
import { newUvci } from './dcc/uvci.ts';
import { issueSummary } from './issue.ts';
import { signTwoDDoc } from './two-d-doc/sign-two-d-doc.ts';

const server = testApp(testDatabase());
const folder = mkdtempSync(join(tmpdir(), 'camera-'));
const injection = {
  person: { familyName: 'Martin', givenNames: ['Zoé'], birthDate: '1962-05-31' },
  dose: { rank: 2, primaryDoses: 2 },
  vaccine: 'EU/1/20/1528',
  date: '2021-11-30',
  country: 'FR',
};
const browsers: Browser[] = [];
let origin: string;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  rmSync(folder, { recursive: true });
});

/** What a camera that is held before a code would film (YUV4MPEG2, two pictures). */
async function filmed(name: string, kind: 'dcc' | 'two_d_doc' | 'link', text: string): Promise<string> {
  const code = PNG.sync.read(Buffer.from(await drawPng(kind, text, 5)));
  const [width, height] = [1280, 960];
  const [left, top] = [(width - code.width) >> 1, (height - code.height) >> 1];
  // A grey table, colours none, the code on white paper upon it.
  const picture = Buffer.alloc((width * height * 3) / 2, 128);
  for (let y = 0; y < code.height; y += 1) {
    for (let x = 0; x < code.width; x += 1) {
      picture[(top + y) * width + left + x] = (code.data[(y * code.width + x) * 4] ?? 0) > 127 ? 225 : 25;
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), picture]);
  const file = join(folder, `${name}.y4m`);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(file, Buffer.concat([head, frame, frame]));
  return file;
}

/** The page in a browser whose camera films that, and whose visitor lets it; undefined: it has none. */
async function pageBefore(
  film: string | undefined,
  options: BrowserContextOptions & { readonly asked?: 'deny' } = {},
): Promise<Page> {
  const { asked, ...context } = options;
  const browser = await launchBrowser([
    // Answers for the visitor.
    `--use-fake-ui-for-media-stream${asked ? `=${asked}` : ''}`,
    ...(film ? ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`] : []),
  ]);
  browsers.push(browser);
  const page = await (
    await browser.newContext({ baseURL: origin, locale: 'fr-FR', reducedMotion: 'reduce', ...context })
  ).newPage();
  await page.goto('/verifier');
  return page;
}

const open = (page: Page) => page.getByRole('button', { name: 'Utiliser la caméra' });
const verdict = (page: Page) => page.getByRole('region', { name: /Certificat|Attestation|Document/ });

describe('the camera of the verification page', () => {
  it('reads a European certificate and has it verified, by keyboard, and lets go of the camera', async () => {
    const { clock, deps } = server;
    const issuedAt = clock.now();
    const terms = {
      uvci: newUvci('FR'),
      issuer: 'CNAM',
      country: 'FR',
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + 86_400_000),
    };
    const hc1 = await signDcc(
      composeDcc(injection, terms),
      terms,
      await deps.certificates.keys.signer('dcc'),
    );
    const page = await pageBefore(await filmed('dcc', 'dcc', hc1));
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await open(page).focus();
    await page.keyboard.press('Enter');
    await verdict(page).waitFor();
    expect(await page.textContent('main')).toContain('Zoé Martin');
    expect(await page.textContent('main')).toContain('30 novembre 2021');
    expect(await page.getByLabel('Texte du code').inputValue()).toBe(hc1);
    expect(faults).toEqual([]);
  });

  it('reads a 2D-Doc, whose separators no key types', async () => {
    const { clock, deps } = server;
    const day = clock.now().toISOString().slice(0, 10);
    const text = await signTwoDDoc(injection, day, await deps.certificates.keys.twoDDocSigner());
    const page = await pageBefore(await filmed('2d-doc', 'two_d_doc', text));
    await open(page).click();
    await verdict(page).waitFor();
    expect(await page.textContent('main')).toContain('ZOE MARTIN');
    expect(await page.locator('.notice-success').count()).toBe(1);
  });

  it('follows the QR code of a document, here, whatever site it names', async () => {
    const { db, clock, certificates } = server.deps;
    const issued = await issueSummary(
      { db, ...certificates, issuer: 'CNAM', publicUrl: 'https://elsewhere.test', now: clock.now() },
      {
        subject: 'patient-1',
        languages: ['fr'],
        person: injection.person,
        validatedBy: 'Dr Anne Martin',
        recordVersion: '12',
        consultations: [],
        injections: [],
      },
    );
    const query = new URLSearchParams({ numero: issued.number, code: issued.verificationCode });
    const link = `https://elsewhere.test/verifier?${query}`;
    const film = await filmed('link', 'link', link);
    const page = await pageBefore(film);
    await open(page).click();
    await verdict(page).waitFor();
    expect(new URL(page.url()).origin).toBe(origin);
    expect(await page.textContent('main')).toContain('Dr Anne Martin');
  });

  it('sends the picture where the browser runs no machine code', async () => {
    const page = await pageBefore(join(folder, 'link.y4m'));
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'WebAssembly');
    });
    await page.reload();
    await open(page).click();
    await page.getByText('Votre navigateur ne lit pas les codes lui-même').waitFor();
    await page.getByRole('button', { name: 'Envoyer cette image' }).click();
    await verdict(page).waitFor();
    expect(await page.textContent('main')).toContain('Dr Anne Martin');
  });

  it('stops when it is told to, and when nobody looks', async () => {
    const film = await filmed('none', 'link', 'https://example.test/nothing-to-check');
    const page = await pageBefore(film, { viewport: { width: 320, height: 640 } });
    const running = () =>
      page.evaluate(() => document.querySelector('video')?.srcObject instanceof MediaStream);
    await open(page).click();
    await page.getByText('Présentez le code').waitFor();
    expect(await running()).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.keyboard.press('Escape');
    expect(await running()).toBe(false);
    expect(await open(page).evaluate((button) => button === document.activeElement)).toBe(true);
    await open(page).click();
    await page.getByText('Présentez le code').waitFor();
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await running()).toBe(false);
  });

  it('says so when it is refused or absent; without scripts it is not offered, the rest is', async () => {
    const refused = await pageBefore(join(folder, 'none.y4m'), { asked: 'deny' });
    await open(refused).click();
    await refused.getByText('La caméra est refusée à cette page').waitFor();
    const absent = await pageBefore(undefined);
    await open(absent).click();
    await absent.getByText('Aucune caméra n’a été trouvée').waitFor();
    const plain = await pageBefore(undefined, { javaScriptEnabled: false, hasTouch: true, isMobile: true });
    expect(await open(plain).count()).toBe(0);
    expect(await plain.getByLabel('Prendre une photo du code').getAttribute('capture')).toBe('environment');
  });
});
