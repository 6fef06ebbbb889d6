import type { PackageRule } from './boundaries.ts';

/**
 * The rooms of the house: which files live in each, and which others they may import from. A file belongs to the
 * first room whose pattern it fits. Types count too: whoever speaks of a thing depends on it.
 * boundaries.test.ts checks every import against it, that each permission is used, and that nobody can walk in a
 * circle. `ops/` has no room: it may enter any, and nobody enters it. A domain has up to two rooms: what it is, and its routes and pages, which only other pages may enter.
 */
export interface Room {
  readonly name: string;
  /** Paths from the project's root. */
  readonly files: RegExp;
  /** Names of rooms. */
  readonly mayEnter: readonly string[];
}

export const rooms: readonly Room[] = [
  // Stands on its own.
  {
    name: 'base',
    files: /^server\/(clock|config|logging|problem|process|safe-error|texts|views)\.ts$/,
    mayEnter: [],
  },

  // Pure: what they decide depends on nothing but what they are given.
  {
    name: 'wizard engine',
    files: /^server\/wizard\/(check-flow|draw|flow|graph|paths|registry|replay|text-keys|flows\/.+)\.ts$/,
    mayEnter: [],
  },
  {
    name: 'routing rules',
    files:
      /^server\/routing\/(builders|configuration|decision-holes|holidays|hotline-document|opening-hours|practitioner-types|preview-days|route-case|schedule|time-zones|typed-hours)\.ts$/,
    mayEnter: [],
  },

  {
    name: 'directory extract',
    files:
      /^server\/directory\/(department|doubts|extract-format|identifier|lines|open-extract|parse-extract|search-key)\.ts$/,
    mayEnter: ['routing rules'],
  },

  { name: 'professional', files: /^server\/identity\/(professional|rights|userinfo)\.ts$/, mayEnter: [] },
  { name: 'records numbers', files: /^server\/records\/nir\.ts$/, mayEnter: [] },
  {
    name: 'dose rules',
    files: /^server\/records\/(dose-rules|dose-rules\/.+|gs1|gs1\/.+|vaccines)\.ts$/,
    mayEnter: [],
  },

  // Stored. Tables refer to each other across domains, so they share a room below all of them.
  {
    name: 'tables',
    files: /^server\/(.+\.table|database\/bytes)\.ts$/,
    mayEnter: ['base', 'wizard engine', 'routing rules', 'directory extract', 'dose rules', 'professional'],
  },
  { name: 'database', files: /^server\/database\//, mayEnter: ['tables'] },
  {
    name: 'doorbell',
    files: /^server\/live-queue\/(doorbell|open-doorbell|redis-doorbell)\.ts$/,
    mayEnter: ['base'],
  },

  // What is shared by all routes.
  {
    name: 'request tools',
    files: /^server\/http\/(form-tokens|forms|language|validation)\.ts$/,
    mayEnter: ['base'],
  },
  {
    name: 'dependencies',
    files: /^server\/dependencies\.ts$/,
    mayEnter: ['base', 'database', 'doorbell', 'identity', 'incidents', 'record rules', 'routing'],
  },
  {
    name: 'http',
    files: /^server\/http\//,
    mayEnter: ['base', 'database', 'dependencies', 'directory', 'request tools'],
  },

  // Routes and pages.
  {
    name: 'agents: routes',
    files: /^server\/agents\/(.+\.routes|.+-limits|require-agent)\.ts$/,
    mayEnter: ['base', 'tables', 'dependencies', 'request tools', 'agents'],
  },
  {
    name: 'identity: routes',
    files: /^server\/identity\/(.+\.routes|.+-pages?|require-.+)\.ts$/,
    // The one door from the records half to the desk's: a sign-in that failed opens the wizard.
    mayEnter: ['base', 'dependencies', 'http', 'request tools', 'identity', 'professional', 'wizard'],
  },
  {
    name: 'wizard: routes',
    files: /^server\/wizard\/(.+\.routes|look-up-number|question-page)\.ts$/,
    mayEnter: [
      'base',
      'dependencies',
      'http',
      'request tools',
      'directory',
      'directory extract',
      'directory: routes',
      'routing rules',
      'wizard',
      'wizard engine',
      'incidents',
      'mail',
    ],
  },
  {
    name: 'routing: routes',
    files: /^server\/routing\/.+\.routes\.ts$/,
    mayEnter: ['base', 'dependencies', 'request tools', 'routing', 'routing rules'],
  },
  {
    name: 'help: routes',
    files: /^server\/help\//,
    mayEnter: ['base', 'dependencies', 'request tools', 'routing', 'routing rules', 'wizard', 'incidents'],
  },
  {
    name: 'cases: routes',
    files: /^server\/cases\/(.+\.routes|case-form-page)\.ts$/,
    mayEnter: [
      'base',
      'tables',
      'dependencies',
      'http',
      'request tools',
      'agents',
      'agents: routes',
      'cases',
      'help: routes',
      'routing',
      'routing rules',
      'wizard',
      'wizard: routes',
      'incidents',
    ],
  },
  {
    name: 'live queue: routes',
    files: /^server\/live-queue\/.+\.routes\.ts$/,
    mayEnter: ['base', 'dependencies', 'http', 'request tools', 'agents: routes', 'cases', 'live queue'],
  },
  {
    name: 'mail: routes',
    files: /^server\/mail\/.+\.routes\.ts$/,
    mayEnter: ['base', 'dependencies', 'request tools', 'mail'],
  },
  {
    name: 'tracking: routes',
    files: /^server\/tracking\/(.+\.routes|tracking-page)\.ts$/,
    mayEnter: [
      'base',
      'dependencies',
      'http',
      'request tools',
      'cases',
      'help: routes',
      'routing',
      'routing rules',
      'tracking',
      'incidents',
    ],
  },
  {
    name: 'directory: routes',
    files: /^server\/directory\/(.+\.routes|directory-limits)\.ts$/,
    mayEnter: ['base', 'dependencies', 'request tools', 'agents: routes', 'directory', 'directory extract'],
  },
  {
    name: 'desk: routes',
    files: /^server\/desk\//,
    mayEnter: [
      'base',
      'tables',
      'database',
      'dependencies',
      'directory',
      'directory extract',
      'directory: routes',
      'http',
      'request tools',
      'agents',
      'agents: routes',
      'cases',
      'routing',
      'routing rules',
      'wizard engine',
      'incidents',
    ],
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
    mayEnter: ['base', 'tables', 'dose rules', 'records'],
  },
  {
    name: 'records: routes',
    files: /^server\/records\/(.+\.routes|.+-page|acts-api|entry-of)\.ts$/,
    mayEnter: [
      'base',
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
    mayEnter: ['base', 'dependencies', 'request tools', 'certificates'],
  },

  // What each domain is: its commands, its queries, its words. Records and certificates will never enter cases.
  { name: 'agents', files: /^server\/agents\//, mayEnter: ['base', 'tables', 'database'] },
  {
    name: 'identity',
    files: /^server\/identity\//,
    mayEnter: ['base', 'tables', 'database', 'professional'],
  },
  {
    name: 'wizard',
    files: /^server\/wizard\//,
    mayEnter: ['base', 'tables', 'database', 'directory', 'wizard engine', 'incidents'],
  },
  {
    name: 'routing',
    files: /^server\/routing\//,
    mayEnter: ['base', 'tables', 'database', 'routing rules'],
  },
  {
    name: 'cases',
    files: /^server\/cases\//,
    mayEnter: [
      'base',
      'tables',
      'database',
      'dependencies',
      'request tools',
      'agents',
      'incidents',
      'routing',
      'routing rules',
      'wizard',
      'wizard engine',
      'mail',
    ],
  },
  {
    name: 'live queue',
    files: /^server\/live-queue\//,
    mayEnter: ['base', 'tables', 'database', 'dependencies', 'agents', 'cases', 'incidents'],
  },
  {
    name: 'tracking',
    files: /^server\/tracking\//,
    mayEnter: ['base', 'tables', 'database', 'cases'],
  },
  { name: 'mail', files: /^server\/mail\//, mayEnter: ['base'] },
  {
    name: 'follow-ups',
    files: /^server\/follow-ups\//,
    mayEnter: ['base', 'tables', 'database', 'mail', 'routing', 'routing rules'],
  },
  {
    name: 'incidents: routes',
    files: /^server\/incidents\/.+\.routes\.ts$/,
    mayEnter: ['base', 'dependencies', 'tables', 'request tools', 'agents: routes', 'incidents', 'mail'],
  },
  {
    name: 'incidents',
    files: /^server\/incidents\//,
    mayEnter: [
      'base',
      'tables',
      'database',
      'doorbell',
      'follow-ups',
      'mail',
      'routing rules',
      'wizard engine',
    ],
  },
  {
    name: 'directory',
    files: /^server\/directory\//,
    mayEnter: ['base', 'tables', 'database', 'directory extract', 'routing rules'],
  },
  {
    name: 'record rules',
    files: /^server\/records\/(finding-words|load-rules)\.ts$/,
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

/** Who may speak of requests and answers, of jobs, and to whom. */
export const packageRules: readonly PackageRule[] = [
  {
    packages: /^(@fastify\/.+|fastify)$/,
    onlyIn:
      /^server\/(.+\.routes|app|http\/.+|agents\/require-agent|identity\/require-.+|identity\/.+-pages?|.+-limits|desk\/desk-pages|directory\/directory-limits|records\/acts-api|wizard\/look-up-number)\.ts$/,
  },
  { packages: /^bullmq$/, onlyIn: /^workers\// },
  { packages: /^ioredis$/, onlyIn: /^server\/(http\/security|live-queue\/redis-doorbell)\.ts$/ },
  { packages: /^pg$/, onlyIn: /^server\/(database\/.+|live-queue\/doorbell|directory\/import-.+)\.ts$/ },
];
