import type { Room } from './room.ts';

/** The records: who signs in, what is recorded, what is certified. Never into cases. */
export const recordsHalf: readonly Room[] = [
  {
    name: 'identity: routes',
    files: /^server\/identity\/(.+\.routes|.+-pages?|require-.+)\.ts$/,
    // The one door from the records half to the desk's: a sign-in that failed opens the wizard.
    mayEnter: ['base', 'dependencies', 'http', 'request tools', 'identity', 'professional', 'wizard'],
  },
  {
    name: 'fhir: routes',
    files: /^server\/fhir\/.+\.routes\.ts$/,
    mayEnter: [
      'base',
      'tables',
      'database',
      'dependencies',
      'http',
      'request tools',
      'dose rules',
      'fhir',
      'identity: routes',
      'record rules',
      'records',
      'records: routes',
      'records numbers',
    ],
  },
  {
    name: 'fhir',
    files: /^server\/fhir\//,
    mayEnter: ['base', 'tables', 'database', 'dose rules', 'records', 'records numbers'],
  },
  {
    name: 'records: routes',
    files: /^server\/records\/.+\/(.+\.routes|.+-page|acts-api|entry-of)\.ts$/,
    mayEnter: [
      'base',
      'certificates',
      'tables',
      'dependencies',
      'http',
      'request tools',
      'dose rules',
      'identity: routes',
      'professional',
      'record rules',
      'records',
    ],
  },
  {
    name: 'certificates: routes',
    files: /^server\/certificates\/.+\.routes\.ts$/,
    mayEnter: ['base', 'dependencies', 'http', 'request tools', 'certificates'],
  },
  {
    name: 'identity',
    files: /^server\/identity\//,
    mayEnter: ['base', 'tables', 'database', 'professional'],
  },
  {
    name: 'record rules',
    files: /^server\/records\/rules\/(finding-words|load-rules)\.ts$/,
    mayEnter: ['base', 'tables', 'database', 'dose rules'],
  },
  {
    name: 'records',
    files: /^server\/records\//,
    mayEnter: [
      'base',
      'tables',
      'database',
      'request tools',
      'certificates',
      'directory',
      'directory extract',
      'dose rules',
      'professional',
      'record rules',
      'records numbers',
      'routing rules',
    ],
  },
  {
    name: 'certificates',
    files: /^server\/certificates\//,
    mayEnter: ['base', 'tables', 'database'],
  },
];
