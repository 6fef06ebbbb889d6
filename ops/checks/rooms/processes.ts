import type { Room } from './room.ts';

/** Processes: they put the rest together. */
export const processes: readonly Room[] = [
  // Processes: they put the rest together.
  {
    name: 'composition',
    files: /^server\/compose\.ts$/,
    mayEnter: [
      'base',
      'database',
      'dependencies',
      'doorbell',
      'identity',
      'incidents',
      'record rules',
      'routing',
    ],
  },
  {
    name: 'server',
    files: /^server\/(app|main|serve)\.ts$/,
    mayEnter: [
      'base',
      'composition',
      'dependencies',
      'http',
      'request tools',
      'cases',
      'agents: routes',
      'cases: routes',
      'certificates: routes',
      'desk: routes',
      'directory: routes',
      'fhir: routes',
      'help: routes',
      'incidents: routes',
      'identity: routes',
      'live queue: routes',
      'mail: routes',
      'records: routes',
      'routing: routes',
      'tracking: routes',
      'wizard: routes',
    ],
  },
  {
    name: 'workers',
    files: /^workers\//,
    mayEnter: [
      'base',
      'tables',
      'database',
      'doorbell',
      'dependencies',
      'composition',
      'agents',
      'follow-ups',
      'incidents',
      'mail',
      'records',
    ],
  },
];
