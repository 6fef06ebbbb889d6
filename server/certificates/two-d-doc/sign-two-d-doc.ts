/**
 * Purpose: the 2D-Doc of an attestation of vaccination (type L1): written, signed, read and checked.
 * Entry points: `signTwoDDoc`, `readTwoDDoc` (read-two-d-doc.ts), `checkTwoDDoc`.
 * May import: the DCC's names and value sets, the signer's and the trust list's types.
 */
import { CannotCertify, type CertifiedInjection } from '../dcc/sign-dcc.ts';
import { transliterate } from '../dcc/transliterate.ts';
import { atcCode, diseases, findVaccine, findValue, makers } from '../dcc/value-sets.ts';
import type { Signer } from '../signer.ts';
import {
  compactDay,
  dayCount,
  encodeBase32,
  type FieldName,
  fields,
  separators,
} from './two-d-doc-format.ts';

/** Who signs 2D-Docs, as ANTS numbers authorities and their certificates. */
export interface TwoDDocSigner {
  readonly signer: Signer;
  /** Four characters: `FR00`. */
  readonly authority: string;
  /** Four characters: `0001`. */
  readonly certificate: string;
}

/**
 * Signs the 2D-Doc of an injection: header DC04, fields L0 to LA, US, base32 of the raw ECDSA signature.
 * @param issuedOn day of issue and of signature, `2021-12-01`.
 * @throws CannotCertify when a name is not in Latin letters or the vaccine is not known.
 * @throws RangeError for numbers and days that the format has no place for; Error for a key that is not on P-256.
 */
export async function signTwoDDoc(
  injection: CertifiedInjection,
  issuedOn: string,
  { signer, authority, certificate }: TwoDDocSigner,
): Promise<string> {
  if (signer.keyType !== 'EC') throw new Error('a 2D-Doc is signed on P-256');
  const day = dayCount(issuedOn);
  const header = `DC04${authority}${certificate}${day}${day}L101FR`;
  const values = valuesOf(injection);
  const signed =
    header +
    fields
      .map(({ id, name, length, pattern }) => {
        const value = values[name];
        if ('exactly' in length) {
          if (!pattern.test(value)) throw new RangeError(`2D-Doc field ${id} cannot be ${value}`);
          return id + value;
        }
        const kept = value.slice(0, length.atMost);
        if (!pattern.test(kept)) throw new RangeError(`2D-Doc field ${id} cannot be ${value}`);
        return id + kept + (kept === value ? separators.field : separators.cut);
      })
      .join('');
  const signature = await signer.sign(new Uint8Array(Buffer.from(signed, 'latin1')));
  return signed + separators.signature + encodeBase32(signature);
}

function valuesOf({
  person,
  dose,
  vaccine: code,
  date,
}: CertifiedInjection): Readonly<Record<FieldName, string>> {
  const vaccine = findVaccine(code);
  if (!vaccine) throw new CannotCertify('unknown_vaccine');
  const maker = vaccine.maker && findValue(makers, vaccine.maker);
  if (!maker) throw new CannotCertify('no_maker');
  return {
    surname: plain(person.familyName),
    firstNames: person.givenNames.map(plain).join('/'),
    birthDate: compactDay(person.birthDate),
    disease: diseases[0]?.display ?? '',
    agent: atcCode,
    vaccine: capitals(vaccine.display),
    maker: capitals(maker.display),
    rank: String(dose.rank),
    expected: String(dose.primaryDoses),
    date: compactDay(date),
    // CO: other doses are to come; TE: the series is over.
    state: dose.rank < dose.primaryDoses ? 'CO' : 'TE',
  };
}

/** A name in the same capitals as the DCC's, with its hyphens and spaces. */
function plain(name: string): string {
  const parts = name.trim().split(/([\s\p{Pd}]+)/u);
  const written = parts.map((part, index) => {
    if (index % 2 === 1) return /\p{Pd}/u.test(part) ? '-' : ' ';
    const letters = transliterate(part);
    if (letters === undefined) throw new CannotCertify('name_not_latin');
    return letters.replaceAll('<', ' ');
  });
  return written.join('');
}

function capitals(text: string): string {
  return text.toUpperCase();
}
