import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader';
import { pointsOf } from './picture-size.ts';

const require = createRequire(import.meta.url);

/** What we print, and what people photograph. */
const options: ReaderOptions = {
  formats: ['QRCode', 'DataMatrix'],
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  maxNumberOfSymbols: 8,
  // The separators of a 2D-Doc as they are: by default they are written in words, `<GS>`.
  textMode: 'Plain',
};

/** More than a telephone photographs in a file that is taken; four bytes and more each while it is read. */
const mostPoints = 64_000_000;

let prepared: Promise<unknown> | undefined;

/** The library's own way would fetch its machine code from another site. */
function prepare(): Promise<unknown> {
  prepared ??= readFile(require.resolve('zxing-wasm/reader/zxing_reader.wasm')).then((wasm) =>
    prepareZXingModule({
      overrides: { wasmBinary: new Uint8Array(wasm).buffer },
      fireImmediately: true,
    }),
  );
  return prepared;
}

/**
 * The texts of the QR codes and DataMatrix in a picture (PNG, JPEG), none when nothing can be read, or it would take too
 * much memory to. Takes long for large pictures: see the pool.
 */
export async function readPicture(picture: Uint8Array, maxPoints = mostPoints): Promise<readonly string[]> {
  const points = pointsOf(picture);
  if (points === undefined || points > maxPoints) return [];
  await prepare();
  const found = await readBarcodes(picture, options);
  return found.filter(({ isValid }) => isValid).map(({ text }) => text);
}
