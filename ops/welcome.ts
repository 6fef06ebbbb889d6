import type { Config } from '#server/config.ts';
import type { DataDirectory } from './data-directory.ts';

/** What `npm start` says when everything runs. */
export function welcome(config: Config, directory: DataDirectory, tookMs: number): string {
  const at = (path: string) => `${config.publicUrl}${path}`;
  return `
Aiguillage is ready (${(tookMs / 1000).toFixed(1)} s).

  Site for practitioners    ${at('/')}
  Desk for agents           ${at('/desk')}
  Mails that were sent      ${at('/demo/mails')}
  API                       ${at('/docs')}

  Data and log              ${directory.path}  (npm run reset empties it)

Ctrl-C stops everything.
`;
}
