/**
 * Purpose: opens an extract as it was downloaded, plain, `.gz` or `.zip`, as one stream of bytes.
 * Entry points: `openExtract`, `hashFile`.
 * May import: nothing of the project.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import yauzl from 'yauzl';

/** A file that cannot be read as an extract: told in words to whoever imports. */
export class UnreadableExtract extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableExtract';
  }
}

export interface ExtractFile {
  /** Without its folder. */
  readonly name: string;
  /** Bytes of the file as it is. */
  readonly size: number;
  /**
   * The text's bytes, once; each chunk only until the next is asked for.
   * @throws UnreadableExtract when the archive is damaged or cut short.
   */
  content(): AsyncIterable<Buffer>;
  /** How far it has been read, from 0 to 1. */
  progress(): number;
}

const chunkBytes = 512 * 1024;

/**
 * Opens a file; its first bytes tell what it is, not its name. A zip may hold other extracts beside the one of
 * activities.
 * @throws UnreadableExtract naming what is wrong.
 */
export async function openExtract(path: string): Promise<ExtractFile> {
  const size = await sizeOf(path);
  const name = basename(path);
  const start = await firstBytes(path);
  if (start.startsWith('504b0304') || start.startsWith('504b0506')) return openZip(path, name, size);
  let read = 0;
  async function* raw(): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(path)) {
      read += chunk.length;
      yield chunk;
    }
  }
  return {
    name,
    size,
    content: () => {
      if (!start.startsWith('1f8b')) return raw();
      const inflated = createGunzip({ chunkSize: chunkBytes });
      // What is inflated is inflated later: it needs bytes that stay. What goes wrong ends the iteration.
      pipeline(createReadStream(path), counted, inflated, () => {});
      return damaged(name, inflated);
    },
    progress: () => (size === 0 ? 1 : read / size),
  };

  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      read += chunk.length;
      yield chunk;
    }
  }
}

/** The bytes of a file, each chunk in the place of the one before the last: reading goes on while one is used. */
async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let [current, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
    let reading = file.read(current, 0, chunkBytes, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = file.read(other, 0, chunkBytes, null);
      // Whoever stops early leaves a read under way, which then fails unheard.
      reading.catch(() => {});
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @throws UnreadableExtract when there is no such file. */
export async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new UnreadableExtract(`${path} cannot be read: is it there?`, { cause: error });
  }
  throw new UnreadableExtract(`${path} is not a file.`);
}

/** In hexadecimal. */
async function firstBytes(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.toString('hex', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new UnreadableExtract(`${path} cannot be read.`, { cause: error });
  }
}

async function openZip(path: string, name: string, size: number): Promise<ExtractFile> {
  const damage = (cause: unknown) =>
    new UnreadableExtract(`${name} is damaged, or not a whole zip file.`, { cause });
  const zip = await yauzl.openPromise(path, { autoClose: false }).catch((error: unknown) => {
    throw damage(error);
  });
  const entries: yauzl.Entry[] = [];
  let entry: yauzl.Entry;
  try {
    for await (const each of zip.eachEntry()) if (!each.fileName.endsWith('/')) entries.push(each);
    entry = chooseEntry(name, entries);
  } catch (error) {
    zip.close();
    throw error instanceof UnreadableExtract ? error : damage(error);
  }
  let read = 0;
  return {
    name,
    size,
    async *content() {
      try {
        const source: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
        for await (const chunk of damaged(name, source)) {
          read += chunk.length;
          yield chunk;
        }
      } finally {
        zip.close();
      }
    },
    progress: () => (entry.uncompressedSize === 0 ? 1 : read / entry.uncompressedSize),
  };
}

/** The extract of activities; the archive that is published holds skills and diplomas too. */
function chooseEntry(name: string, entries: readonly yauzl.Entry[]): yauzl.Entry {
  const activities = entries.filter(({ fileName }) => /personne_activite[^/]*$/i.test(fileName));
  const texts = entries.filter(({ fileName }) => /\.(txt|csv)$/i.test(fileName));
  const [entry, another] = activities.length > 0 ? activities : texts;
  if (entry && !another) {
    if (!entry.isEncrypted()) return entry;
    throw new UnreadableExtract(`${name} is protected by a password.`);
  }
  const names = entries.map(({ fileName }) => fileName).slice(0, 10);
  throw new UnreadableExtract(
    `${name} must hold one PS_LibreAcces_Personne_activite_….txt; it holds ${names.join(', ') || 'nothing'}.`,
  );
}

async function* damaged(name: string, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    throw new UnreadableExtract(`${name} is damaged or cut short: nothing of it was kept.`, { cause: error });
  }
}
