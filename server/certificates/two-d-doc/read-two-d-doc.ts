import { verify } from 'node:crypto';
import { isDay } from '../dcc/check-dcc.ts';
import type { Finding } from '../findings.ts';
import type { TrustedSigner, TrustList } from '../trust-list.ts';
import {
  dayOfCount,
  decodeBase32,
  type FieldName,
  fields,
  headerLength,
  headerPattern,
  isoDay,
  separators,
  signatureLength,
} from './two-d-doc-format.ts';

/** What a 2D-Doc says, its signature not yet checked; dates as `2021-12-01`. */
export interface ReadTwoDDoc {
  /** Authority and certificate, `FR000001`: who signed, in a trust list. */
  readonly reference: string;
  readonly country: string;
  readonly issuedOn: string;
  readonly signedOn: string;
  readonly values: Readonly<Record<FieldName, string>>;
  /** What is signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export interface CheckedTwoDDoc {
  readonly findings: readonly Finding[];
  readonly read?: ReadTwoDDoc;
  readonly signer?: TrustedSigner;
}

/** Longer than a DataMatrix can hold. */
const maxLength = 2_335;

/**
 * Reads the text of a 2D-Doc of type L1; a scanner may have left its control characters as they are, or shown them as
 * `<GS>`, `<RS>`, `<US>`.
 * @returns what is wrong with its form: one thing, the first.
 */
export function readTwoDDoc(text: string): { readonly read: ReadTwoDDoc } | { readonly finding: Finding } {
  const malformed = { finding: { code: 'two_d_doc_form' } } as const;
  if (text.length > maxLength * 2) return { finding: { code: 'too_long' } };
  const raw = withControls(text);
  const header = headerPattern.exec(raw);
  const end = raw.lastIndexOf(separators.signature);
  if (!header || end < headerLength || raw.length - end - 1 !== signatureLength) return malformed;
  const signature = decodeBase32(raw.slice(end + 1));
  if (!signature) return malformed;
  const [, authority = '', certificate = '', issued = '', signedDay = '', , , country = ''] = header;
  const values = readFields(raw.slice(headerLength, end));
  if (typeof values === 'string')
    return { finding: { code: 'two_d_doc_field', parameters: { field: values } } };
  return {
    read: {
      reference: authority + certificate,
      country,
      issuedOn: dayOfCount(issued),
      signedOn: dayOfCount(signedDay),
      values,
      signed: new Uint8Array(Buffer.from(raw.slice(0, end), 'latin1')),
      signature,
    },
  };
}

/** Reads and checks a 2D-Doc: everything that is wrong. */
export function checkTwoDDoc(text: string, trust: TrustList, now: Date): CheckedTwoDDoc {
  const result = readTwoDDoc(text);
  if ('finding' in result) return { findings: [result.finding] };
  const { read } = result;
  const candidates = trust.find('two_d_doc', read.reference);
  if (candidates.length === 0) return { findings: [{ code: 'unknown_signer' }], read };
  const signer = candidates.find(
    ({ key }) =>
      key.asymmetricKeyType === 'ec' &&
      verify('sha256', read.signed, { key, dsaEncoding: 'ieee-p1363' }, read.signature),
  );
  if (!signer) return { findings: [{ code: 'signature' }], read };
  const findings: Finding[] = [];
  // A day without a zone: from where it begins first to where it ends last.
  const begins = new Date(`${read.signedOn}T00:00:00+14:00`);
  const ends = new Date(`${read.signedOn}T23:59:59-12:00`);
  if (ends < signer.validFrom || begins > signer.validTo) findings.push({ code: 'signer_not_in_force' });
  if (begins > now) findings.push({ code: 'not_yet_valid' });
  return { findings, read, signer };
}

/** The fields in their order, all of them; or the name of the first at fault. */
function readFields(text: string): Readonly<Record<FieldName, string>> | FieldName {
  const values: Partial<Record<FieldName, string>> = {};
  let rest = text;
  for (const { id, name, length, pattern } of fields) {
    if (!rest.startsWith(id)) return name;
    rest = rest.slice(id.length);
    let size = 'exactly' in length ? length.exactly : endOfField(rest);
    if (size < 0 || ('atMost' in length && size > length.atMost)) return name;
    const value = rest.slice(0, size);
    if (!pattern.test(value)) return name;
    const isDate = name === 'birthDate' || name === 'date';
    // Births without a known day or month are written with zeros.
    if (name === 'date' && !isDay(isoDay(value))) return name;
    values[name] = isDate ? isoDay(value) : value;
    if ('atMost' in length) size += 1;
    rest = rest.slice(size);
  }
  return rest === '' && isComplete(values) ? values : 'state';
}

/** Where a field of variable length ends; -1 when nothing ends it. */
function endOfField(text: string): number {
  const ends = [separators.field, separators.cut].map((each) => text.indexOf(each)).filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) : -1;
}

function isComplete(values: Partial<Record<FieldName, string>>): values is Record<FieldName, string> {
  return fields.every(({ name }) => values[name] !== undefined);
}

function withControls(text: string): string {
  return text
    .trim()
    .replaceAll('<GS>', separators.field)
    .replaceAll('<RS>', separators.cut)
    .replaceAll('<US>', separators.signature);
}
