import { constants, deflateSync } from 'node:zlib';
import { Compile } from 'typebox/compile';
import { keyIdentifier, type Signer } from '../signer.ts';
import { encodeBase45 } from './base45.ts';
import { writeCbor } from './cbor.ts';
import { type Frame, frameOf, sign1 } from './cose.ts';
import { claims, type IssuedDcc, IssuedDccSchema, prefix } from './dcc-format.ts';
import { type BoosterEncoding, type Dose, doseNumbers } from './dose-numbers.ts';
import { transliterate } from './transliterate.ts';
import { uvciCheck } from './uvci.ts';
import { diseases, findVaccine, issuableOn } from './value-sets.ts';

const issuedSchema = Compile(IssuedDccSchema);

/**
 * As small as what is packed, since making larger windows and tables takes longer than packing: some 350 bytes with
 * hardly a repetition come out as long as at the highest level.
 */
const compression = {
  level: 1,
  strategy: constants.Z_FIXED,
  windowBits: 10,
  memLevel: 4,
  chunkSize: 512,
} as const;

/** What stays the same for each signer. */
const frames = new WeakMap<Signer, Frame>();

/** One injection of a person, as a certificate tells it. */
export interface CertifiedInjection {
  readonly person: {
    readonly familyName: string;
    readonly givenNames: readonly string[];
    /** `1962-05-31`. */
    readonly birthDate: string;
  };
  readonly dose: Dose;
  readonly booster?: BoosterEncoding;
  /** Code of the vaccine in the Union register: `EU/1/20/1528`. */
  readonly vaccine: string;
  /** Day of the injection where it was done: `2021-03-31`. */
  readonly date: string;
  /** Where it was done, ISO 3166: `FR`. */
  readonly country: string;
}

/** Why a certificate cannot be made of an injection. */
export type NotCertifiable = 'name_not_latin' | 'unknown_vaccine' | 'no_maker' | 'vaccine_not_issued';

export interface DccTerms {
  /** See newUvci. */
  readonly uvci: string;
  /** Who issues: `CNAM`. */
  readonly issuer: string;
  /** ISO 3166. */
  readonly country: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** What was to be certified and cannot be. */
export class CannotCertify extends Error {
  readonly reason: NotCertifiable;

  constructor(reason: NotCertifiable) {
    super(`cannot certify: ${reason}`);
    this.name = 'CannotCertify';
    this.reason = reason;
  }
}

/**
 * The content of a certificate.
 * @throws CannotCertify when a name is not in Latin letters, or the vaccine has no place in the value sets.
 * @throws RangeError for impossible dose numbers; Error for a date or UVCI that is none.
 */
export function composeDcc(
  injection: CertifiedInjection,
  terms: Pick<DccTerms, 'uvci' | 'issuer'>,
): IssuedDcc {
  const { person } = injection;
  const givenNames = person.givenNames.join(' ');
  const fnt = transliterate(person.familyName);
  const gnt = givenNames === '' ? undefined : transliterate(givenNames);
  if (!fnt || (givenNames !== '' && !gnt)) throw new CannotCertify('name_not_latin');
  const vaccine = findVaccine(injection.vaccine);
  if (!vaccine) throw new CannotCertify('unknown_vaccine');
  if (!vaccine.maker) throw new CannotCertify('no_maker');
  if (!issuableOn(vaccine, injection.date)) throw new CannotCertify('vaccine_not_issued');
  const [disease] = diseases;
  const { dn, sd } = doseNumbers(injection.dose, injection.booster);
  const [uvci = '', check] = terms.uvci.split('#');
  if (uvciCheck(uvci) !== check) throw new Error('a UVCI without its check character');
  const content: unknown = {
    ver: '1.3.0',
    nam: {
      fn: person.familyName.slice(0, 80),
      fnt,
      ...(gnt && { gn: givenNames.slice(0, 80), gnt }),
    },
    dob: person.birthDate,
    v: [
      {
        tg: disease?.code,
        vp: vaccine.prophylaxis,
        mp: vaccine.code,
        ma: vaccine.maker,
        dn,
        sd,
        dt: injection.date,
        co: injection.country,
        is: terms.issuer,
        ci: terms.uvci,
      },
    ],
  };
  if (!issuedSchema.Check(content)) throw new Error('not a certificate that the schema allows');
  return content;
}

/**
 * Signs a certificate: CBOR, COSE_Sign1 with ES256, zlib, base45, `HC1:`.
 * @throws Error when the signer's key is not on P-256.
 */
export async function signDcc(
  content: IssuedDcc,
  { country, issuedAt, expiresAt }: Pick<DccTerms, 'country' | 'issuedAt' | 'expiresAt'>,
  signer: Signer,
): Promise<string> {
  if (signer.keyType !== 'EC') throw new Error('certificates are signed with ES256');
  const payload = writeCbor(
    new Map<number, unknown>([
      [claims.issuer, country],
      [claims.expires, Math.floor(expiresAt.getTime() / 1000)],
      [claims.issuedAt, Math.floor(issuedAt.getTime() / 1000)],
      [claims.hcert, new Map([[1, content]])],
    ]),
  );
  const message = await sign1(frameOfSigner(signer), payload, (data) => signer.sign(data));
  return prefix + encodeBase45(deflateSync(message, compression));
}

function frameOfSigner(signer: Signer): Frame {
  const frame = frames.get(signer) ?? frameOf(keyIdentifier(signer.certificate));
  frames.set(signer, frame);
  return frame;
}
