import { createPublicKey } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { ECDSAKey } from '@ldclabs/cose-ts/ecdsa';
import { Header } from '@ldclabs/cose-ts/header';
import { Sign1Message } from '@ldclabs/cose-ts/sign1';
import * as transmute from '@transmute/cose';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SelfSigned, selfSigned } from '../keys/self-signed.ts';
import { keyIdentifier, localSigner, type Signer } from '../signer.ts';
import { type TrustList, trustedSigner, trustList } from '../trust-list.ts';
import { decodeBase45, encodeBase45 } from './base45.ts';
import { readCbor, tagged, writeByteString, writeCbor } from './cbor.ts';
import { checkDcc } from './check-dcc.ts';
import { claims } from './dcc-format.ts';
import { doseNumbers, doseState } from './dose-numbers.ts';
import { inflate, readDcc, readSigned } from './read-dcc.ts';
import { CannotCertify, type CertifiedInjection, composeDcc, signDcc } from './sign-dcc.ts';
import { transliterate } from './transliterate.ts';
import { canonicalUvci, newUvci, uvciCheck } from './uvci.ts';

const now = new Date('2021-12-01T10:00:00+01:00');
const uvci = newUvci('FR', (count) => new Uint8Array(count).fill(5));
const terms = {
  uvci,
  issuer: 'CNAM',
  country: 'FR',
  issuedAt: now,
  expiresAt: new Date('2023-12-01T10:00:00+01:00'),
};
const injection: CertifiedInjection = {
  person: { familyName: 'Lefèvre-Ångström', givenNames: ['Zoé', 'Marie'], birthDate: '1962-05-31' },
  dose: { rank: 2, primaryDoses: 2 },
  vaccine: 'EU/1/20/1528',
  date: '2021-11-30',
  country: 'FR',
};

let made: SelfSigned;
let signer: Signer;
let trust: TrustList;
beforeAll(() => {
  const validity = { validFrom: new Date('2021-01-01'), validTo: new Date('2024-01-01') };
  made = selfSigned('Test', { ...validity, usages: ['1.3.6.1.4.1.1847.2021.1.2'] });
  signer = localSigner(made.privateKey, made.certificate);
  trust = trustList([trustedSigner('dcc', made.certificate)]);
});

const sign = (change: Partial<CertifiedInjection> = {}) =>
  signDcc(composeDcc({ ...injection, ...change }, terms), terms, signer);
const coseOf = (hc1: string) => inflate(decodeBase45(hc1.slice(4)) ?? new Uint8Array()) ?? new Uint8Array();
const textOf = (cose: Uint8Array) => `HC1:${encodeBase45(deflateSync(cose))}`;
const codes = (text: string, at = now) => checkDcc(text, trust, at).findings.map(({ code }) => code);

/** What somebody else made of these claims, signed or not. */
const payloadWith = (content: unknown) =>
  writeCbor(
    new Map<number, unknown>([
      [claims.issuer, 'FR'],
      [claims.expires, 1_700_000_000],
      [claims.issuedAt, 1_638_000_000],
      [claims.hcert, new Map([[1, content]])],
    ]),
  );
const buffer = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer;

describe('a certificate that we sign', () => {
  it('is read back and found in order', async () => {
    const checked = checkDcc(await sign(), trust, now);
    expect(checked.findings).toEqual([]);
    expect(checked.signer?.country).toBe('FR');
    expect(checked.uvci).toBe(uvci);
    expect(checked.dcc).toEqual({
      ver: '1.3.0',
      nam: { fn: 'Lefèvre-Ångström', fnt: 'LEFEVRE<AANGSTROEM', gn: 'Zoé Marie', gnt: 'ZOE<MARIE' },
      dob: '1962-05-31',
      v: [
        {
          tg: '840539006',
          vp: '1119349007',
          mp: 'EU/1/20/1528',
          ma: 'ORG-100030215',
          dn: 2,
          sd: 2,
          dt: '2021-11-30',
          co: 'FR',
          is: 'CNAM',
          ci: uvci,
        },
      ],
    });
    expect(checked.read?.message.kid).toBe(Buffer.from(keyIdentifier(made.certificate)).toString('hex'));
  });

  it('verifies with two other libraries', async () => {
    const cose = coseOf(await sign());
    const jwk = createPublicKey(made.privateKey).export({ format: 'jwk' });
    const point = Buffer.concat([
      Buffer.from([4]),
      ...[jwk.x, jwk.y].map((each) => Buffer.from(each ?? '', 'base64url')),
    ]);
    const message = Sign1Message.fromBytes(ECDSAKey.fromPublic(new Uint8Array(point)), cose);
    expect(message.payload).toEqual(readSigned(cose).value?.message.payload);
    const verifier = transmute.attached.verifier({
      resolver: { resolve: async () => ({ ...jwk, alg: 'ES256' }) },
    });
    const verified = await verifier.verify({ coseSign1: buffer(cose) });
    expect(new Uint8Array(verified)).toEqual(message.payload);
  });

  it('is in force until it expires, for those who know its signer', async () => {
    const hc1 = await sign();
    expect(codes(hc1, new Date('2021-11-30'))).toEqual(['not_yet_valid']);
    expect(codes(hc1, new Date(terms.expiresAt.getTime() - 1))).toEqual([]);
    expect(codes(hc1, terms.expiresAt)).toEqual(['expired']);
    expect(checkDcc(hc1, trustList([]), now).findings).toEqual([{ code: 'unknown_signer' }]);
  });

  it('is refused under a key for tests', async () => {
    const other = selfSigned('Laboratory', {
      validFrom: new Date('2021-01-01'),
      validTo: new Date('2024-01-01'),
      usages: ['1.3.6.1.4.1.1847.2021.1.1'],
    });
    const hc1 = await signDcc(
      composeDcc(injection, terms),
      terms,
      localSigner(other.privateKey, other.certificate),
    );
    const { findings } = checkDcc(hc1, trustList([trustedSigner('dcc', other.certificate)]), now);
    expect(findings).toEqual([{ code: 'key_usage' }]);
  });

  it('is refused with any one byte altered, everywhere', async () => {
    const cose = coseOf(await sign());
    for (let position = 0; position < cose.length; position++) {
      const altered = Uint8Array.from(cose);
      altered[position] = (altered[position] ?? 0) ^ (1 << (position % 8));
      expect(codes(textOf(altered)), `byte ${position}`).not.toEqual([]);
    }
    fc.assert(
      fc.property(fc.nat(cose.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const altered = Uint8Array.from(cose);
        altered[position] = (altered[position] ?? 0) ^ change;
        return codes(textOf(altered)).length > 0;
      }),
      { numRuns: 300 },
    );
  });

  it('is refused, or says the very same, with any one character altered', async () => {
    const hc1 = await sign();
    const cose = coseOf(hc1);
    const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
    fc.assert(
      fc.property(fc.nat(hc1.length - 1), fc.constantFrom(...characters), (position, character) => {
        const altered = hc1.slice(0, position) + character + hc1.slice(position + 1);
        // The frame of zlib is not signed: its hint of how hard it pressed may change, what it holds may not.
        return codes(altered).length > 0 || Buffer.from(coseOf(altered)).equals(cose);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what others sign', () => {
  const content = () => composeDcc(injection, terms);

  it('verifies here when cose-ts signed it', async () => {
    const jwk = made.privateKey.export({ format: 'jwk' });
    const key = ECDSAKey.fromSecret(new Uint8Array(Buffer.from(jwk.d ?? '', 'base64url')));
    const header = new Header(
      new Map<number, unknown>([
        [1, -7],
        [4, keyIdentifier(made.certificate)],
      ]),
    );
    const cose = new Sign1Message(payloadWith(content()), header).toBytes(key);
    expect(codes(textOf(cose))).toEqual([]);
  });

  it('verifies here when transmute signed it', async () => {
    const jwk = { ...made.privateKey.export({ format: 'jwk' }), alg: 'ES256' };
    const remote = transmute.crypto.signer({ privateKeyJwk: jwk as transmute.SecretKeyJwk });
    const cose = await transmute.attached.signer({ remote }).sign({
      protectedHeader: new Map<number, unknown>([
        [1, -7],
        [4, Buffer.from(keyIdentifier(made.certificate))],
      ]),
      unprotectedHeader: new Map(),
      payload: buffer(payloadWith(content())),
    });

    expect(codes(textOf(new Uint8Array(cose)))).toEqual([]);
  });
});

describe('hostile texts', () => {
  const nested = new Uint8Array(20_000).fill(0x81);
  it.each<readonly [string, () => string, string]>([
    ['nothing', () => '', 'prefix'],
    ['another scheme', () => 'HC2:ABC', 'prefix'],
    ['far too long', () => `HC1:${'A'.repeat(10_000_000)}`, 'too_long'],
    ['small letters', () => 'HC1:abc', 'base45'],
    ['groups that stand for no byte', () => 'HC1::::', 'base45'],
    ['not compressed', () => `HC1:${encodeBase45(new Uint8Array([1, 2, 3, 4]))}`, 'compression'],
    ['a bomb', () => textOf(new Uint8Array(1_500_000)), 'compression'],
    ['nested deep', () => textOf(nested), 'cose'],
    ['nested within indefinite lists', () => textOf(new Uint8Array(20_000).fill(0x9f)), 'cose'],
    [
      'a list that claims four billion items',
      () => textOf(new Uint8Array([0x9a, 0xff, 0xff, 0xff, 0xff])),
      'cose',
    ],
    [
      'bytes that claim to be endless',
      () => textOf(new Uint8Array([0x5b, ...new Array(8).fill(0xff)])),
      'cose',
    ],
    ['no message', () => textOf(writeCbor({})), 'cose'],
    [
      'another tag',
      () => textOf(writeCbor(tagged(17, [new Uint8Array(), {}, new Uint8Array(), new Uint8Array(64)]))),
      'cose',
    ],
    ['something after it', () => textOf(new Uint8Array([0x80, 0x80])), 'cose'],
    ['a key twice', () => textOf(new Uint8Array([0xd2, 0x84, 0x40, 0xa2, 1, 1, 1, 2, 0x40, 0x40])), 'cose'],
    [
      'claims that are no map',
      () =>
        textOf(writeCbor(tagged(18, [new Uint8Array(), new Map(), new Uint8Array([1]), new Uint8Array(64)]))),
      'claims',
    ],
  ])('%s', (_, make, problem) => {
    expect(readDcc(make())).toEqual({ problem });
  });

  it('of any bytes give a named problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => codes(textOf(bytes)).length > 0),
      { numRuns: 500 },
    );
  });

  it('that carry no certificate of the schema’s form are named so, even well signed', async () => {
    for (const content of [
      {},
      [],
      { __proto__: null, ver: '1.0.0' },
      { ...composeDcc(injection, terms), t: [{}] },
    ]) {
      const header = new Header(
        new Map<number, unknown>([
          [1, -7],
          [4, keyIdentifier(made.certificate)],
        ]),
      );
      const jwk = made.privateKey.export({ format: 'jwk' });
      const key = ECDSAKey.fromSecret(new Uint8Array(Buffer.from(jwk.d ?? '', 'base64url')));
      expect(codes(textOf(new Sign1Message(payloadWith(content), header).toBytes(key)))).toEqual(['schema']);
    }
  });
});

describe('names, numbers and identifiers', () => {
  it.each([
    ['Gößinger', 'GOESSINGER'],
    ['Müller', 'MUELLER'],
    ['D’Artagnan', 'DARTAGNAN'],
    ['Élise-Anne  Noël', 'ELISE<ANNE<NOEL'],
    ['Łukasz', 'LUKASZ'],
    ['Ðorđe', 'DORDE'],
    ['Œdipe', 'OEDIPE'],
    ['Ĳsbrand', 'IJSBRAND'],
    ['Şükrü Iğdır', 'SUEKRUE<IGDIR'],
    ['x'.repeat(90), 'X'.repeat(80)],
    ['Μενεξές', undefined],
    ['123', undefined],
    ['', undefined],
  ])('%s is %s', (name, expected) => expect(transliterate(name)).toBe(expected));

  it('refuses to certify what it cannot write', () => {
    const person = { ...injection.person, familyName: 'Мельник' };
    expect(() => composeDcc({ ...injection, person }, terms)).toThrow(CannotCertify);
    expect(() => composeDcc({ ...injection, vaccine: 'EU/1/21/1618' }, terms)).toThrow('no_maker');
    expect(() => composeDcc({ ...injection, vaccine: 'Sputnik' }, terms)).toThrow('unknown_vaccine');
    expect(() => composeDcc({ ...injection, date: '2021-13-01' }, terms)).not.toThrow(CannotCertify);
  });

  it.each([
    [1, 2, 'equal', '1/2', 'in_series'],
    [2, 2, 'equal', '2/2', 'complete'],
    [1, 1, 'equal', '1/1', 'complete'],
    [2, 1, 'equal', '2/1', 'booster'],
    [3, 1, 'equal', '3/1', 'booster'],
    [3, 2, 'equal', '3/3', 'booster'],
    [4, 2, 'equal', '4/4', 'booster'],
    [3, 2, 'above', '3/2', 'booster'],
  ] as const)('dose %i after a series of %i, %s: %s', (rank, primaryDoses, encoding, written, state) => {
    const { dn, sd } = doseNumbers({ rank, primaryDoses }, encoding);
    expect(`${dn}/${sd}`).toBe(written);
    expect(doseState({ dn, sd })).toBe(state);
  });

  it.each([0, 1, 23, 24, 255, 256, 512, 65_535])('wraps %i bytes as the library does', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    expect(Buffer.from(writeCbor(bytes)).equals(writeByteString(bytes))).toBe(true);
    expect(readCbor(Uint8Array.from(writeByteString(bytes)))).toEqual(bytes);
  });

  it('writes the check character of a UVCI, and knows one UVCI whichever way it is written', () => {
    expect(uvciCheck('URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813')).toBe('B');
    expect(uvciCheck('URN:UVCI:01:AT:B5921A35D6A0D696421B3E2462178297')).toBe('I');
    expect(newUvci('FR')).toMatch(/^URN:UVCI:01:FR:[A-Z2-9]{16}#[A-Z0-9/:]$/);
    expect(canonicalUvci('urn:uvci:01:FR:KKF3BYIGYSVF#Q')).toBe(canonicalUvci('URN:UVCI:01:FR:KKF3BYIGYSVF'));
  });
});
