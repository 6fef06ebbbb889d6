import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { findIssued, type Issuing, issueAttestation, issueSummary, listIssued, withdraw } from './issue.ts';
import { keyStore, NoSigningKey } from './keys/key-store.ts';
import { documentPool } from './pool/document-pool.ts';
import { checkTwoDDoc } from './two-d-doc/read-two-d-doc.ts';
import { verifyByCode } from './verify-by-code.ts';
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
  it('is not signed with a key whose certificate has expired', async () => {
    const using = issuing();
    const { validTo } = new X509Certificate((await using.keys.signer('document')).certificate);
    const then = { ...using, now: new Date(Date.parse(validTo) + 1) };
    const summary = issueSummary(then, { ...request, consultations: [], injections: [] });
    await expect(summary).rejects.toThrow(NoSigningKey);
    await expect(issueAttestation(then, { ...request, injection })).rejects.toThrow(NoSigningKey);
  });

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
    // What the 2D-Doc says was issued again on the same day, word for word, and stands.
    expect(await codes(first)).toEqual([
      [{ code: 'revoked', parameters: { reason: 'corrected' } }],
      [],
      [{ code: 'revoked', parameters: { reason: 'corrected' } }],
    ]);
    await using.db.transaction((tx) => withdraw(tx, next, 'corrected', using.now));
    const revoked = [{ code: 'revoked', parameters: { reason: 'corrected' } }];
    expect(await codes(first)).toEqual([revoked, revoked, revoked]);
    expect(await codes(next)).toEqual([revoked, revoked, revoked]);
    const last = await issueAttestation(using, {
      ...request,
      recordVersion: '9',
      injection: { ...injection, date: '2021-11-29' },
      replaces: next.id,
    });
    expect(await codes(last)).toEqual([[], [], []]);
    expect((await codes(next))[1]).toEqual(revoked);
    expect((await listIssued(using.db, 'patient-1')).map(({ replaces }) => replaces)).toContain(first.id);
  });

  it('is of the day that it is in Paris', async () => {
    const using = { ...issuing(), now: new Date('2027-01-01T00:30:00+01:00') };
    const issued = await issueAttestation(using, { ...request, subject: 'patient-3', injection });
    expect(issued.number).toMatch(/^AV-2027-/);
    const verifying = { db: using.db, trust: await using.keys.trust(), now: using.now };
    const { findings, read } = checkTwoDDoc(issued.twoDDoc ?? '', verifying.trust, using.now);
    expect({ findings, signedOn: read?.signedOn }).toEqual({ findings: [], signedOn: '2027-01-01' });
    const typed = { number: issued.number, code: issued.verificationCode };
    expect((await verifyByCode(typed, verifying))?.content).toMatchObject({ issuedOn: '2027-01-01' });
    const withdrawnAt = new Date('2027-02-01T00:30:00+01:00');
    await using.db.transaction((tx) => withdraw(tx, issued, 'corrected', withdrawnAt));
    expect((await verifyByCode(typed, verifying))?.content).toMatchObject({ withdrawnOn: '2027-02-01' });
  });

  it('keeps the 2D-Doc of another document that stands and says the same', async () => {
    const using = issuing();
    const subject = { ...request, subject: 'patient-2', injection: { ...injection, date: '2021-10-01' } };
    const [one, other] = [await issueAttestation(using, subject), await issueAttestation(using, subject)];
    const findings = async () => {
      const verifying = { db: using.db, trust: await using.keys.trust(), now: using.now };
      return (await verifyTwoDDoc(one.twoDDoc ?? '', verifying)).findings;
    };
    await using.db.transaction((tx) => withdraw(tx, one, 'corrected', using.now));
    expect(await findings()).toEqual([]);
    await using.db.transaction((tx) => withdraw(tx, other, 'corrected', using.now));
    expect(await findings()).toEqual([{ code: 'revoked', parameters: { reason: 'corrected' } }]);
  });

  it('is verified by its number and code, which tell nothing of the person', async () => {
    const using = issuing();
    const { db, now } = using;
    const issued = await issueAttestation(using, {
      ...request,
      subject: 'patient-3',
      injection: { ...injection, date: '2021-09-01' },
    });
    const { number, verificationCode: code } = issued;
    const verify = async (typed: string, of = number) =>
      verifyByCode({ number: of, code: typed }, { db, trust: await using.keys.trust(), now });
    const verdict = await verify(` ${code.toLowerCase().replaceAll('-', ' ')}`, ` ${number.toLowerCase()} `);
    expect(verdict).toMatchObject({
      valid: true,
      signer: 'TEST document',
      content: { number, validatedBy: 'Dr Anne Martin', recordVersion: '7' },
    });
    for (const hidden of ['Lefèvre', 'LEFEVRE', 'Zoé', '1962', 'Comirnaty', '2021-09-01', 'patient-3']) {
      expect(JSON.stringify(verdict)).not.toContain(hidden);
    }
    for (const [typed, of] of [
      ['', number],
      [`${code}A`, number],
      ['AAAA-AAAA-AAAA', number],
      [code, 'AV-1999-000001'],
      [code, ''],
    ] as const) {
      expect(await verify(typed, of)).toBeUndefined();
    }
    await db.transaction((tx) => withdraw(tx, issued, 'entered_in_error', now));
    expect(await verify(code)).toMatchObject({
      valid: false,
      findings: [{ code: 'revoked', parameters: { reason: 'entered_in_error' } }],
      content: { withdrawnOn: now.toISOString().slice(0, 10) },
    });
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
