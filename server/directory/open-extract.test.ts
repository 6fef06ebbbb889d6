import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hashFile, openExtract, UnreadableExtract } from './open-extract.ts';
import { anExtract, aRow, people, testFolder, zip } from './testing/an-extract.ts';

const folder = testFolder();
const text = anExtract([aRow()]);

async function contentOf(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await openExtract(path)).content()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('opening an extract', () => {
  it.each([
    ['plain text', 'a.txt', text],
    ['gzip', 'a.txt.gz', gzipSync(text)],
    ['gzip in two members', 'two.gz', Buffer.concat([gzipSync(text.slice(0, 40)), gzipSync(text.slice(40))])],
    ['gzip whatever its name', 'a.txt', gzipSync(text)],
    ['zip', 'a.zip', zip({ 'PS_LibreAcces_Personne_activite_202611200700.txt': text })],
    ['zip whatever its name', 'a', zip({ 'extract.txt': text })],
  ])('reads %s', async (_, name, content) => {
    const path = folder.write(name, content);
    expect(await contentOf(path)).toBe(text);
  });

  it('finds the activities beside the other extracts of the published archive', async () => {
    const path = folder.write(
      'published.zip',
      zip({
        'PS_LibreAcces_Dipl_AutExerc_202611200700.txt': 'other',
        'PS_LibreAcces_Personne_activite_202611200700.txt': text,
        'PS_LibreAcces_SavoirFaire_202611200700.txt': 'other',
      }),
    );
    expect(await contentOf(path)).toBe(text);
  });

  it.each([
    ['plain', text],
    ['gzip', gzipSync(text)],
    ['zip', zip({ 'a.txt': text })],
  ])('knows the size, the SHA-256 and the end of a %s file as it is', async (name, content) => {
    const path = folder.write(name, content);
    const extract = await openExtract(path);
    for await (const _ of extract.content());
    expect(await hashFile(path)).toBe(sha256(content));
    expect(extract).toMatchObject({ name, size: Buffer.byteLength(content) });
    expect(extract.progress()).toBe(1);
  });

  it.each([
    ['nothing', () => folder.path('nowhere.txt')],
    ['a folder', () => folder.path('.')],
    ['a zip cut short', () => folder.write('cut.zip', zip({ 'a.txt': text }).subarray(0, -30))],
    ['an empty zip', () => folder.write('empty.zip', zip({}))],
    ['a zip without a text', () => folder.write('image.zip', zip({ 'a.png': 'x' }))],
    ['a zip with several texts', () => folder.write('several.zip', zip({ 'a.txt': 'x', 'b.txt': 'x' }))],
  ])('refuses %s', async (_, path) => {
    await expect(openExtract(path())).rejects.toThrow(UnreadableExtract);
  });

  it.each([
    ['a gzip cut short', (whole: string) => gzipSync(whole).subarray(0, -20)],
    ['a damaged zip', (whole: string) => zip({ 'a.txt': whole }).fill(7, 100, 130)],
  ])('fails in the middle of %s', async (name, damage) => {
    const path = folder.write(name, damage(anExtract(people(500))));
    await expect(contentOf(path)).rejects.toThrow('damaged or cut short');
  });
});
