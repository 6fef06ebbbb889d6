import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const ours = join(import.meta.dirname, '../../../templates/assets');
const require = createRequire(import.meta.url);

/** The few files that the test wallet's pages use: it is another site, which may not use ours. */
const assets: Readonly<Record<string, { readonly type: string; readonly file: () => string }>> = {
  '/assets/pico.min.css': { type: 'text/css', file: () => require.resolve('@picocss/pico/css/pico.min.css') },
  '/assets/tokens.css': { type: 'text/css', file: () => join(ours, 'tokens.css') },
  '/assets/site.css': { type: 'text/css', file: () => join(ours, 'site.css') },
  '/assets/forms.css': { type: 'text/css', file: () => join(ours, 'forms.css') },
  '/assets/wallet.css': { type: 'text/css', file: () => join(ours, 'wallet.css') },
  '/assets/wallet.js': { type: 'text/javascript', file: () => join(ours, 'wallet.js') },
};

/** Sends the file of that address; false when there is none. */
export function sendAsset(path: string, response: ServerResponse): boolean {
  const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
  if (!asset) return false;
  response.writeHead(200, { 'content-type': `${asset.type}; charset=utf-8` }).end(readFileSync(asset.file()));
  return true;
}
