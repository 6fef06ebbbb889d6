import { afterAll, describe, expect, it } from 'vitest';
import { testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { findIssued, type Issuing, issueAttestation, issueSummary, listIssued, withdraw } from './issue.ts';
import { keyStore } from './keys/key-store.ts';
import { documentPool } from './pool/document-pool.ts';
import { verifyDcc, verifyDocument, verifyTwoDDoc } from './verify-code.ts';

const database = testDatabase();
const pool = documentPool();
afterAll(() => pool.close());

function issuing(): Issuing {
  const { db, config, clock } = testDependencies(database);
  const keys = keyStore({ db, config, clock, maxAgeMs: 0 });
  return {
    db,
    keys,
    pool,
    issuer: config.certificates.issuer,
    publicUrl: config.publicUrl,
    now: clock.now(),
  };
}

const request = {
  subject: 'patient-1',
  languages: ['fr'],
  person: { familyName: 'Lefèvre', givenNames: ['Zoé'], birthDate: '1962-05-31' },
  validatedBy: 'Dr Anne Martin',
  recordVersion: '7',
} as const;
const injection = {
  dose: { rank: 2, primaryDoses: 2 },
  vaccine: 'EU/1/20/1528',
  date: '2021-11-30',
  country: 'FR',
};

describe('what is issued', () => {
  it('is numbered, signed, kept to the byte, and revoked when a correction replaces it', async () => {
    const using = issuing();
    const verifying = async () => ({ db: using.db, trust: await using.keys.trust(), now: using.now });
    const first = await issueAttestation(using, { ...request, injection });
    const kept = await findIssued(using.db, first.id);
    expect(kept?.document.equals(first.document)).toBe(true);
    expect(first.number).toMatch(/^AV-\d{4}-000001$/);

    await using.db.transaction((tx) => withdraw(tx, first, 'corrected', using.now));
    const next = await issueAttestation(using, {
      ...request,
      recordVersion: '8',
      injection,
      replaces: first.id,
    });
    expect(next.number).toMatch(/000002$/);
    const codes = async (of: typeof first) => [
      (await verifyDcc(of.hc1 ?? '', await verifying())).findings,
      (await verifyTwoDDoc(of.twoDDoc ?? '', await verifying())).findings,
      (await verifyDocument(new Uint8Array(of.document), await verifying())).findings,
    ];
    expect(await codes(next)).toEqual([[], [], []]);
    // A 2D-Doc carries no identifier that it could be revoked by: the paper it stands on is.
    expect(await codes(first)).toEqual([[{ code: 'revoked' }], [], [{ code: 'revoked' }]]);
    expect((await listIssued(using.db, 'patient-1')).map(({ replaces }) => replaces)).toContain(first.id);
  });

  it('numbers summaries apart, and says what record they tell', async () => {
    const using = issuing();
    const issued = await issueSummary(using, { ...request, consultations: [], injections: [] });
    expect(issued.number).toMatch(/^BV-\d{4}-000001$/);
    const verdict = await verifyDocument(new Uint8Array(issued.document), {
      db: using.db,
      trust: await using.keys.trust(),
      now: using.now,
    });
    expect(verdict).toMatchObject({ valid: true, content: { number: issued.number, recordVersion: '7' } });
  });
});
