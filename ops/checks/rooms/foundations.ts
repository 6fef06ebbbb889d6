import type { Room } from './room.ts';

/** What everything stands on: pure rules, tables, what all routes share. */
export const foundations: readonly Room[] = [
  // Stands on its own.
  {
    name: 'base',
    files:
      /^server\/(clock|config|environment|links|logging|paris-day|problem|process|safe-error|terminologies|texts|views)\.ts$/,
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
  { name: 'records numbers', files: /^server\/records\/patients\/(nir|nir-agrees)\.ts$/, mayEnter: [] },
  {
    name: 'dose rules',
    files: /^server\/records\/rules\/(dose-rules|dose-rules\/.+|gs1|gs1\/.+|vaccines)\.ts$/,
    mayEnter: ['base'],
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
    mayEnter: [
      'base',
      'certificates',
      'database',
      'doorbell',
      'identity',
      'incidents',
      'record rules',
      'routing',
    ],
  },
  {
    name: 'http',
    files: /^server\/http\//,
    mayEnter: ['base', 'database', 'dependencies', 'directory', 'records numbers', 'request tools'],
  },
];
