import { afterAll, describe, expect, it } from 'vitest';
import { drawPng } from '../codes/draw-code.ts';
import { selfSigned } from '../keys/self-signed.ts';
import type { SummaryData } from '../pdf/document-data.ts';
import { verifyPdf } from '../pdf/verify-pdf.ts';
import { localSigner } from '../signer.ts';
import { trustedSigner, trustList } from '../trust-list.ts';
import { documentPool, PoolIsFull } from './document-pool.ts';

const { privateKey, certificate } = selfSigned('Pool', {
  validFrom: new Date('2021-01-01'),
  validTo: new Date('2040-01-01'),
});
const terms = {
  signer: localSigner(privateKey, certificate),
  at: new Date('2021-12-01T10:00:00Z'),
  reason: 'Bilan de vaccination',
};
const summary: SummaryData = {
  number: 'BV-1',
  languages: ['fr'],
  issuedAt: '2021-12-01T10:00:00Z',
  person: { familyName: 'Lefèvre', givenNames: ['Zoé'], birthDate: '1962-05-31' },
  validatedBy: 'Dr Anne Martin',
  recordVersion: '1',
  verification: { url: 'https://aiguillage.test/verifier', code: 'AAAA' },
  consultations: [],
  injections: [],
};

const pool = documentPool({ threads: 1, maxWaiting: 3 });
afterAll(() => pool.close());

describe('the pool', () => {
  it('renders and signs in a thread that never has the key', async () => {
    const [one, other] = await Promise.all([
      pool.summary(summary, terms),
      pool.summary({ ...summary, number: 'BV-2' }, terms),
    ]);
    const trust = trustList([trustedSigner('document', certificate)]);
    expect(verifyPdf(one, trust).document?.number).toBe('BV-1');
    expect(verifyPdf(other, trust).document?.number).toBe('BV-2');
  });

  it('goes on after a failure: a key that refuses, data that cannot be rendered', async () => {
    const refusing = {
      ...terms,
      signer: { ...terms.signer, sign: () => Promise.reject(new Error('no card')) },
    };
    await expect(pool.summary(summary, refusing)).rejects.toThrow('refused');
    await expect(pool.summary({ ...summary, issuedAt: 'never' }, terms)).rejects.toThrow();
    const text = 'https://aiguillage.test/verifier';
    expect(await pool.picture(await drawPng('link', text))).toEqual([text]);
  });

  it('refuses what it could not do for a long time', async () => {
    const picture = await drawPng('link', 'https://aiguillage.test');
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => pool.picture(picture)));
    const refused = results.filter((each) => each.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused.every(({ reason }) => reason instanceof PoolIsFull)).toBe(true);
  });

  it('does what is to be signed before the pictures that anybody sends, however many wait', async () => {
    const done: string[] = [];
    const picture = await drawPng('link', 'https://aiguillage.test');
    const pictures = Array.from({ length: 6 }, () => pool.picture(picture).then(() => done.push('picture')));
    await Promise.allSettled([...pictures, pool.summary(summary, terms).then(() => done.push('document'))]);
    // One was being read already.
    expect(done).toEqual(['picture', 'document', 'picture', 'picture', 'picture']);
  });
});
