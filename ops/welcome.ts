import type { Config } from '#server/config.ts';
import type { DataDirectory } from './data-directory.ts';
import { demoAgents, demoPassword } from './demo/demo-agents.ts';
import { demoNumbers } from './demo/demo-directory.ts';
import { demoPatients } from './demo/demo-records.ts';

/** What `npm start` says when everything runs. */
export function welcome(run: {
  readonly config: Config;
  /** Whether PostgreSQL is our own, and not that of `DATABASE_URL`. */
  readonly embedded: boolean;
  readonly directory: DataDirectory;
  readonly withDemoData: boolean;
  /** Whether the invented directory is the one in use. */
  readonly withDemoDirectory: boolean;
  /** Whether the sample doctor has patients. */
  readonly withDemoRecords: boolean;
  readonly tookMs: number;
}): string {
  const { config, embedded, directory, withDemoData, withDemoDirectory, withDemoRecords, tookMs } = run;
  const at = (path: string) => `${config.publicUrl}${path}`;
  const accounts = demoAgents.map(({ email, about }) => `    ${email.padEnd(32)}${about}`);
  const numbers = demoNumbers.map(({ number, about }) => `    ${number}  ${about}`);
  const patients = demoPatients.map(
    ({ family, given, born, about }) => `    ${`${given} ${family}, ${born}`.padEnd(32)}${about}`,
  );
  return [
    '',
    `Aiguillage is ready (${(tookMs / 1000).toFixed(1)} s).`,
    '',
    `  Site for practitioners  ${at('/')}`,
    `  Desk for agents         ${at('/desk')}`,
    ...(config.issuers.length > 0 ? [`  Vaccination records     ${at('/connexion')}`] : []),
    ...(config.smtpUrl ? [] : [`  Mails that were sent    ${at('/demo/mails')}`]),
    `  API                     ${at('/docs')}`,
    '',
    ...(withDemoDirectory ? ['  RPPS numbers to try in the diagnosis:', ...numbers, ''] : []),
    ...(withDemoData ? [`  Accounts of the desk, password ${demoPassword}:`, ...accounts, ''] : []),
    ...(withDemoRecords ? ['  Patients of the doctor of the test wallet:', ...patients, ''] : []),
    embedded
      ? `  Data and log in ${directory.path} (npm run reset empties it)`
      : `  Data in the database of DATABASE_URL, log in ${directory.path}`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
