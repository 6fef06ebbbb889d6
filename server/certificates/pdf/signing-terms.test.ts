import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTexts } from '../../texts.ts';
import { readDerElement } from '../der.ts';
import { selfSigned } from '../keys/self-signed.ts';
import { localSigner, type Signer } from '../signer.ts';
import { trustedSigner, trustList } from '../trust-list.ts';
import { maySignDocuments } from './certificate-usage.ts';
import { renderSummary } from './render-documents.ts';
import { signPdf } from './sign-pdf.ts';
import { verifyPdf } from './verify-pdf.ts';

const hasOpenssl = !spawnSync('openssl', ['version']).error;
/** Ends the title of a test whose certificates openssl makes. */
const unlessOpenssl = hasOpenssl ? '' : ', skipped: openssl is not installed';
const folder = mkdtempSync(join(tmpdir(), 'signing-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' });

/** A key and its certificate by another tool, with these extensions. */
function made(name: string, ...extensions: string[]): { readonly key: string; readonly certificate: string } {
  const [key, certificate] = [path(`${name}.key`), path(`${name}.pem`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-subj', `/C=FR/CN=${name}`, '-days', '30'];
  const added = extensions.flatMap((each) => ['-addext', each]);
  openssl('req', '-x509', ...curve, ...subject, ...added, '-keyout', key, '-out', certificate);
  return { key, certificate };
}

/** One that another issued. */
function issuedBy(issuer: ReturnType<typeof made>, name: string, extension: string) {
  const [key, request, certificate] = [path(`${name}.key`), path(`${name}.csr`), path(`${name}.pem`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', ...curve, '-subj', `/C=FR/CN=${name}`, '-keyout', key, '-out', request);
  writeFileSync(path('extensions'), `${extension}\n`);
  const by = ['-CA', issuer.certificate, '-CAkey', issuer.key, '-set_serial', '77', '-days', '30'];
  openssl('x509', '-req', '-in', request, ...by, '-extfile', path('extensions'), '-out', certificate);
  return { key, certificate };
}

const at = new Date('2021-12-01T10:00:00Z');
let unsigned: Uint8Array;
beforeAll(async () => {
  unsigned = await renderSummary(loadTexts(), {
    number: 'BV-2021-000001',
    languages: ['fr'],
    issuedAt: at.toISOString(),
    person: { familyName: 'Lefèvre', givenNames: ['Zoé'], birthDate: '1962-05-31' },
    validatedBy: 'Dr Anne Martin',
    recordVersion: '7',
    verification: { url: 'https://aiguillage.test/verifier', code: 'K7QM-2PXR' },
    consultations: [],
    injections: [],
  });
});

const findingsOf = (pdf: Uint8Array, signer: Signer) =>
  verifyPdf(pdf, trustList([trustedSigner('document', signer.certificate)])).findings.map(({ code }) => code);

describe('the certificate of who signs a document', () => {
  it.each([
    ['2021-01-01', '2040-01-01', []],
    // It has expired since, and had not when it signed.
    ['2021-01-01', '2021-12-02', []],
    ['2021-12-02', '2040-01-01', ['signer_not_in_force']],
    ['2020-01-01', '2021-11-30', ['signer_not_in_force']],
  ] as const)('in force from %s to %s: %j', async (from, to, findings) => {
    const { privateKey, certificate } = selfSigned('Service', {
      validFrom: new Date(from),
      validTo: new Date(to),
    });
    const signer = localSigner(privateKey, certificate);
    const pdf = await signPdf(unsigned, { signer, at, reason: 'Bilan' });
    expect(findingsOf(pdf, signer)).toEqual(findings);
    expect(verifyPdf(pdf, trustList([])).signedAt).toEqual(at);
  });

  it.skipIf(!hasOpenssl)(`must be one for signing${unlessOpenssl}`, async () => {
    for (const [usage, may] of [
      ['digitalSignature', true],
      ['nonRepudiation', true],
      ['keyEncipherment', false],
      ['keyCertSign,cRLSign', false],
      [undefined, true],
    ] as const) {
      const extensions = usage === undefined ? [] : [`keyUsage=critical,${usage}`];
      const { key, certificate } = made('usage', ...extensions);
      const { raw } = new X509Certificate(readFileSync(certificate));
      expect(maySignDocuments(raw), usage).toBe(may);
      const signer = localSigner(createPrivateKey(readFileSync(key)), new Uint8Array(raw));
      const pdf = await signPdf(unsigned, { signer, at: new Date(), reason: 'Bilan' });
      // openssl begins their time at this second.
      const findings = findingsOf(pdf, signer).filter((code) => code !== 'signer_not_in_force');
      expect(findings, usage).toEqual(may ? [] : ['signer_usage']);
    }
  });
});

describe('a time-stamp', () => {
  it.skipIf(!hasOpenssl)(
    `is asked of the authority, and verified: of this signature, by whom, and whether they are believed${unlessOpenssl}`,
    async () => {
      const issuer = made('issuer', 'basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign');
      const { key, certificate } = issuedBy(issuer, 'tsa', 'extendedKeyUsage=critical,timeStamping');
      writeFileSync(path('serial'), '01');
      writeFileSync(
        path('tsa.cnf'),
        `[tsa]\ndefault_tsa = it\n[it]\nserial = ${path('serial')}\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n` +
          'digests = sha256, sha384, sha512\nordering = yes\ness_cert_id_alg = sha256\n',
      );
      const authority = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          writeFileSync(path('query'), Buffer.concat(parts));
          openssl(
            ...['ts', '-reply', '-config', path('tsa.cnf'), '-section', 'it', '-queryfile', path('query')],
            ...['-signer', certificate, '-inkey', key, '-out', path('reply')],
          );
          response.setHeader('content-type', 'application/timestamp-reply');
          response.end(readFileSync(path('reply')));
        });
      });
      await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
      // A server that listens on a port tells it.
      const { port } = authority.address() as AddressInfo;
      try {
        const validity = { validFrom: new Date('2021-01-01'), validTo: new Date('2040-01-01') };
        const { privateKey, certificate: own } = selfSigned('Service', validity);
        const signer = localSigner(privateKey, own);
        const timestampUrl = `http://127.0.0.1:${port}/`;
        const [pdf, other] = [
          await signPdf(unsigned, { signer, at, reason: 'Bilan', timestampUrl }),
          await signPdf(unsigned, { signer, at, reason: 'Bilan' }),
        ];
        const self = trustedSigner('document', own);
        const trust = trustList([self]);
        const unknown = verifyPdf(pdf, trust);
        expect(unknown.findings).toEqual([]);
        expect(unknown.timestamp).toMatchObject({ state: 'unknown_authority', authority: 'tsa' });
        expect(verifyPdf(other, trust).timestamp).toBeUndefined();
        // Believed itself, or by who issued it; who signs documents or stamps nothing is not.
        const { raw } = new X509Certificate(readFileSync(certificate));
        const believing = (purpose: 'tsa' | 'document', bytes: Uint8Array) =>
          verifyPdf(pdf, trustList([self, trustedSigner(purpose, new Uint8Array(bytes))])).timestamp?.state;
        expect(believing('tsa', raw)).toBe('verified');
        expect(believing('tsa', new X509Certificate(readFileSync(issuer.certificate)).raw)).toBe('verified');
        expect(believing('document', raw)).toBe('unknown_authority');
        expect(believing('tsa', own)).toBe('unknown_authority');
        // A digit of the time that it tells, of the signature of the authority: neither is in the signed part of the file.
        for (const place of [placeOfTime(pdf), placeOfLastDigit(pdf)]) {
          expect(verifyPdf(withOtherDigit(pdf, place), trust).findings).toEqual([
            { code: 'timestamp_signature' },
          ]);
        }
        // The place of the signature is not signed: a digit of the digest in its time-stamp.
        const altered = withOtherImprint(pdf);
        expect(verifyPdf(altered, trust).findings).toEqual([{ code: 'timestamp' }]);
      } finally {
        authority.close();
      }
      const { privateKey, certificate: own } = selfSigned('Service', {
        validFrom: at,
        validTo: new Date('2040-01-01'),
      });
      const signer = localSigner(privateKey, own);
      const timestampUrl = `http://127.0.0.1:${port}/`;
      await expect(signPdf(unsigned, { signer, at, reason: 'Bilan', timestampUrl })).rejects.toThrow();
    },
  );
});

/** The same document whose time-stamp (TSTInfo: policy, then SHA-256 and 32 bytes) is of something else. */
function withOtherImprint(pdf: Uint8Array): Uint8Array {
  return withOtherDigit(pdf, placeOfImprint(Buffer.from(pdf).toString('latin1').toLowerCase()));
}

const placeOfPolicy = (text: string) => text.lastIndexOf('06042a030401');
const placeOfImprint = (text: string) =>
  text.indexOf('0420', text.indexOf('0609608648016503040201', placeOfPolicy(text))) + 4;

/** The last digit of the seconds of the time-stamp's time (GeneralizedTime, 15 characters or more, in hexadecimal). */
function placeOfTime(pdf: Uint8Array): number {
  const text = Buffer.from(pdf).toString('latin1').toLowerCase();
  // After the digest, which may happen to hold the same digits.
  return text.indexOf('180f32', placeOfImprint(text) + 2 * 32) + 4 + 2 * 13 + 1;
}

/** The last digit of the signature before the zeros that fill its place. */
function placeOfLastDigit(pdf: Uint8Array): number {
  const text = Buffer.from(pdf).toString('latin1');
  const open = text.lastIndexOf('/Contents <') + '/Contents <'.length;
  const whole = readDerElement(
    new Uint8Array(Buffer.from(text.slice(open, text.indexOf('>', open)), 'hex')),
  ).whole;
  return open + whole.length * 2 - 1;
}

function withOtherDigit(pdf: Uint8Array, place: number): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1');
  const digit = text[place] === '1' ? '2' : '1';
  return new Uint8Array(Buffer.from(text.slice(0, place) + digit + text.slice(place + 1), 'latin1'));
}
