import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CannotCertify, type CertifiedInjection } from '../dcc/sign-dcc.ts';
import { selfSigned } from '../keys/self-signed.ts';
import { localSigner } from '../signer.ts';
import { type TrustList, trustedSigner, trustList } from '../trust-list.ts';
import { checkTwoDDoc, readTwoDDoc } from './read-two-d-doc.ts';
import { signTwoDDoc, type TwoDDocSigner } from './sign-two-d-doc.ts';
import { dayCount, dayOfCount, decodeBase32, encodeBase32 } from './two-d-doc-format.ts';
import { twoDDocReference } from './two-d-doc-reference.ts';

const now = new Date('2021-12-01T10:00:00+01:00');
const injection: CertifiedInjection = {
  person: { familyName: 'Lefèvre-Ångström', givenNames: ['Zoé', 'Marie Ange'], birthDate: '1962-05-31' },
  dose: { rank: 1, primaryDoses: 2 },
  vaccine: 'EU/1/20/1528',
  date: '2021-11-30',
  country: 'FR',
};

let by: TwoDDocSigner;
let trust: TrustList;
beforeAll(() => {
  const made = selfSigned('2D-Doc', {
    validFrom: new Date('2021-01-01'),
    validTo: new Date('2024-01-01'),
  });
  by = { signer: localSigner(made.privateKey, made.certificate), authority: 'FR00', certificate: '0001' };
  trust = trustList([trustedSigner('two_d_doc', made.certificate, { reference: 'FR000001' })]);
});

const sign = (change: Partial<CertifiedInjection> = {}) =>
  signTwoDDoc({ ...injection, ...change }, '2021-12-01', by);
const codes = (text: string, at = now) => checkTwoDDoc(text, trust, at).findings.map(({ code }) => code);

describe('the 2D-Doc of an attestation', () => {
  it('is written field by field, as its format asks', async () => {
    const text = await sign();
    const [signed = '', signature = ''] = text.split('\x1f');
    expect(signed).toBe(
      'DC04FR0000011F451F45L101FRL0LEFEVRE-AANGSTROEM\x1dL1ZOE/MARIE ANGE\x1dL231051962L3COVID-19\x1dL4J07BN01\x1d' +
        'L5COMIRNATY\x1dL6BIONTECH MANUFACTURING GMBH\x1dL71L82L930112021LACO',
    );
    expect(signature).toMatch(/^[A-Z2-7]{103}$/);
  });

  it('is read back and found in order, also as scanners show it', async () => {
    const text = await sign({ dose: { rank: 3, primaryDoses: 2 } });
    const shown = text.replaceAll('\x1d', '<GS>').replaceAll('\x1f', '<US>');
    for (const each of [text, shown]) {
      const { findings, read } = checkTwoDDoc(each, trust, now);
      expect(findings).toEqual([]);
      expect(read).toMatchObject({ issuedOn: '2021-12-01', country: 'FR', reference: 'FR000001' });
      expect(read?.values).toMatchObject({
        rank: '3',
        expected: '2',
        state: 'TE',
        date: '2021-11-30',
        birthDate: '1962-05-31',
      });
    }
  });

  it('is read as the specimen of the public specification is', () => {
    const specimen =
      'DC04FR0000011E6D1E6DL101FRL0THEOULE SUR MER<GS>L1JEAN PAUL<GS>L231051962L3COVID-19<GS>L4J07BX03<GS>' +
      'L5COMIRNATY PFIZER/BIONTECH<GS>L6COMIRNATY PFIZER/BIONTECH<GS>L71L82L901032021LACO<US>' +
      '32T2SI2RUMPDLBHAFSBDF2CUE7GI4NR5WC3NSBEU6AZ7QZJZCPMCTXTVIDZAKEYO7237SQ2ZPOCMZKG7U3Q2LIMPPVJMA7TQAAKC5DY';
    expect(readTwoDDoc(specimen)).toMatchObject({
      read: {
        reference: 'FR000001',
        country: 'FR',
        issuedOn: '2021-04-29',
        signedOn: '2021-04-29',
        values: { surname: 'THEOULE SUR MER', firstNames: 'JEAN PAUL', date: '2021-03-01', state: 'CO' },
      },
    });
    // Its signer is not ours to believe.
    expect(codes(specimen)).toEqual(['signature']);
  });

  it('is called by what it says, not by its signature', async () => {
    const [one, again, other] = [await sign(), await sign(), await sign({ date: '2021-11-29' })];
    expect(again).not.toBe(one);
    expect(twoDDocReference(again)).toBe(twoDDocReference(one));
    expect(twoDDocReference(one.replaceAll('\x1d', '<GS>'))).toBe(twoDDocReference(one));
    expect(twoDDocReference(one)).toMatch(/^2DDOC:[0-9A-F]{64}$/);
    expect(twoDDocReference(other)).not.toBe(twoDDocReference(one));
    expect(twoDDocReference('HC1:')).toBeUndefined();
  });

  it('says that a long name was cut', async () => {
    const person = { ...injection.person, givenNames: ['A'.repeat(50), 'B'.repeat(50)] };
    const text = await sign({ person });
    expect(text).toContain(`L1${'A'.repeat(50)}/${'B'.repeat(29)}\x1eL2`);
    expect(codes(text)).toEqual([]);
  });

  it('is refused with any one character altered', async () => {
    const text = await sign();
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(...'ABCXYZ0189 -/\x1d\x1e\x1f'),
        (position, character) => {
          const altered = text.slice(0, position) + character + text.slice(position + 1);
          return altered === text || codes(altered).length > 0;
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is refused by those who do not know the signer, and before it was signed', async () => {
    const text = await sign();
    expect(checkTwoDDoc(text, trustList([]), now).findings).toEqual([{ code: 'unknown_signer' }]);
    expect(codes(text, new Date('2021-11-29'))).toEqual(['not_yet_valid']);
  });

  it('cannot be made of what it cannot write', async () => {
    const person = { ...injection.person, familyName: 'Мельник' };
    await expect(sign({ person })).rejects.toThrow(CannotCertify);
    await expect(sign({ dose: { rank: 10, primaryDoses: 2 } })).rejects.toThrow(RangeError);
  });

  it.each([
    '',
    'DC04',
    'DC03FR0000011E981E98L101FR',
    `DC04FR0000011E981E98L101FR\x1f${'A'.repeat(103)}`,
    'x'.repeat(1e6),
  ])('names what is wrong with %j', (text) => expect(readTwoDDoc(text)).toHaveProperty('finding.code'));

  it('of any characters gives a named problem', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => codes(text).length === 1));
    const body = fc.string({ unit: fc.constantFrom(...'L0123456789A\x1d\x1e\x1f'), maxLength: 200 });
    fc.assert(fc.property(body, (text) => codes(`DC04FR0000011E981E98L101FR${text}`).length === 1));
  });
});

describe('its parts', () => {
  it('are base32 and days since 2000', () => {
    expect(encodeBase32(new Uint8Array(Buffer.from('foobar')))).toBe('MZXW6YTBOI');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
      }),
    );
    expect(decodeBase32('A1')).toBeUndefined();
    expect([dayCount('2000-01-01'), dayCount('2021-12-01'), dayOfCount('1F45')]).toEqual([
      '0000',
      '1F45',
      '2021-12-01',
    ]);
    expect(() => dayCount('1999-12-31')).toThrow(RangeError);
  });
});
