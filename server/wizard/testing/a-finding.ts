import type { Finding } from '../replay.ts';

/** A nurse in independent practice, as a look-up finds her. */
export function aFinding(changes: Partial<Finding> = {}): Finding {
  return {
    facts: { profession: '60', authority: 'oni', mode: 'L', setting: 'practice' },
    familyName: 'MARTIN',
    givenName: 'Jeanne',
    professions: [{ code: '60', inTraining: false }],
    activities: [{ mode: 'L', setting: 'practice' }],
    rpps: '10000000009',
    doubtful: false,
    ...changes,
  };
}
