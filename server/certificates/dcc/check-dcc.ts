import { Compile } from 'typebox/compile';
import type { Finding } from '../findings.ts';
import type { TrustedSigner, TrustList } from '../trust-list.ts';
import { isSignedBy } from './cose.ts';
import { type Dcc, type DccKind, DccSchema, eventOf } from './dcc-format.ts';
import { type ReadDcc, readDcc } from './read-dcc.ts';
import { diseases, findValue, makers, prophylaxis, vaccines } from './value-sets.ts';

/** What a certificate says and what is wrong with it; revocation is asked apart (revocations.ts). */
export interface CheckedDcc {
  readonly findings: readonly Finding[];
  readonly read?: ReadDcc;
  /** Only when it has the schema's form. */
  readonly dcc?: Dcc;
  readonly signer?: TrustedSigner;
  /** As it is written in it. */
  readonly uvci?: string;
}

/**
 * Extended key usages that limit what a signer may certify. The specification writes them without, and its own test
 * certificates with, a zero after the enterprise arc.
 */
const usages: Readonly<Record<DccKind, readonly string[]>> = {
  test: ['1.3.6.1.4.1.1847.2021.1.1', '1.3.6.1.4.1.0.1847.2021.1.1'],
  vaccination: ['1.3.6.1.4.1.1847.2021.1.2', '1.3.6.1.4.1.0.1847.2021.1.2'],
  recovery: ['1.3.6.1.4.1.1847.2021.1.3', '1.3.6.1.4.1.0.1847.2021.1.3'],
};
const limitingUsages = Object.values(usages).flat();

const schema = Compile(DccSchema);

/** Reads and checks the text of a certificate at an instant: all that is wrong, not only the first thing. */
export function checkDcc(text: string, trust: TrustList, now: Date): CheckedDcc {
  const reading = readDcc(text);
  return reading.value ? checkReadDcc(reading.value, trust, now) : { findings: [{ code: reading.problem }] };
}

/** Checks a certificate that was read. */
export function checkReadDcc(read: ReadDcc, trust: TrustList, now: Date): CheckedDcc {
  const dcc = asDcc(read.content);
  const event = dcc && eventOf(dcc);
  const { signer, findings } = checkSignature(read, trust, event?.kind);
  return {
    findings: [
      ...findings,
      ...checkTimes(read, now),
      ...(dcc ? checkValues(dcc) : [{ code: 'schema' } as const]),
    ],
    read,
    ...(dcc && { dcc }),
    ...(signer && { signer }),
    ...(event && { uvci: event.entry.ci }),
  };
}

/** The content in the schema's form, with exactly one event; undefined for any other. */
export function asDcc(content: unknown): Dcc | undefined {
  return schema.Check(content) && eventOf(content) ? content : undefined;
}

/** Whether a signer's certificate lets it sign this kind: one that names no kind may sign all. */
export function maySign(signer: Pick<TrustedSigner, 'usages'>, kind: DccKind): boolean {
  const limits = signer.usages.filter((usage) => limitingUsages.includes(usage));
  return limits.length === 0 || limits.some((usage) => usages[kind].includes(usage));
}

function checkSignature(
  { message, issuedAt }: ReadDcc,
  trust: TrustList,
  kind: DccKind | undefined,
): { readonly signer?: TrustedSigner; readonly findings: readonly Finding[] } {
  if (!message.algorithm) return { findings: [{ code: 'algorithm' }] };
  const candidates = message.kid === undefined ? [] : trust.find('dcc', message.kid);
  if (candidates.length === 0) return { findings: [{ code: 'unknown_signer' }] };
  const signer = candidates.find(({ key }) => isSignedBy(message, key));
  if (!signer) return { findings: [{ code: 'signature' }] };
  const findings: Finding[] = [];
  if (kind && !maySign(signer, kind)) findings.push({ code: 'key_usage' });
  if (issuedAt && (issuedAt < signer.validFrom || issuedAt > signer.validTo)) {
    findings.push({ code: 'signer_not_in_force' });
  }
  return { signer, findings };
}

/** Whether it is in force at an instant, by what its token says. */
export function checkTimes({ issuedAt, expiresAt }: ReadDcc, now: Date): readonly Finding[] {
  const findings: Finding[] = [];
  if (!expiresAt) findings.push({ code: 'no_expiry' });
  if (issuedAt && now < issuedAt) findings.push({ code: 'not_yet_valid' });
  if (expiresAt && now >= expiresAt) findings.push({ code: 'expired' });
  return findings;
}

function checkValues(dcc: Dcc): readonly Finding[] {
  const event = eventOf(dcc);
  if (!event) return [{ code: 'schema' }];
  const findings: Finding[] = [];
  function mustKnow(field: string, set: Parameters<typeof findValue>[0], code: string): void {
    if (!findValue(set, code)) findings.push({ code: 'value_set', parameters: { field, value: code } });
  }
  mustKnow('tg', diseases, event.entry.tg);
  if (event.kind === 'vaccination') {
    mustKnow('vp', prophylaxis, event.entry.vp);
    mustKnow('mp', vaccines, event.entry.mp);
    mustKnow('ma', makers, event.entry.ma);
  }
  for (const [field, value] of daysOf(event)) {
    if (!isDay(value.slice(0, 10))) findings.push({ code: 'date', parameters: { field, value } });
  }
  return findings;
}

function daysOf(event: NonNullable<ReturnType<typeof eventOf>>): readonly (readonly [string, string])[] {
  if (event.kind === 'vaccination') return [['dt', event.entry.dt]];
  if (event.kind === 'test') return [['sc', event.entry.sc]];
  const { fr, df, du } = event.entry;
  return Object.entries({ fr, df, du });
}

/** Whether a text is a day that exists: `2021-02-29` is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  // Date.UTC takes the years 0 to 99 for those of the last century: no act was then.
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
