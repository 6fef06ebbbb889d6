import type { PackageRule } from './boundaries.ts';
import { deskHalf } from './rooms/desk-half.ts';
import { foundations } from './rooms/foundations.ts';
import { processes } from './rooms/processes.ts';
import { recordsHalf } from './rooms/records-half.ts';
import type { Room } from './rooms/room.ts';

/**
 * The rooms of the house: which files live in each, and which others they may import from. A file belongs to the
 * first room whose pattern it fits. Types count too: whoever speaks of a thing depends on it.
 * boundaries.test.ts checks every import against it, that each permission is used, and that nobody can walk in a
 * circle. `ops/` has no room: it may enter any, and nobody enters it.
 */
export const rooms: readonly Room[] = [...foundations, ...deskHalf, ...recordsHalf, ...processes];

/** Who may speak of requests and answers, of jobs, and to whom. */
export const packageRules: readonly PackageRule[] = [
  {
    packages: /^(@fastify\/.+|fastify)$/,
    onlyIn:
      /^server\/(.+\.routes|app|http\/.+|agents\/require-agent|identity\/require-.+|identity\/.+-pages?|.+-limits|desk\/desk-pages|directory\/directory-limits|records\/acts\/acts-api|wizard\/look-up-number)\.ts$/,
  },
  { packages: /^bullmq$/, onlyIn: /^workers\// },
  { packages: /^ioredis$/, onlyIn: /^server\/(http\/security|live-queue\/redis-doorbell)\.ts$/ },
  { packages: /^pg$/, onlyIn: /^server\/(database\/.+|live-queue\/doorbell|directory\/import-.+)\.ts$/ },
];
