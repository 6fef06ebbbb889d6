import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateKeys, trustedSigners } from '../../database/schema.ts';
import { testDependencies } from '../../testing/test-app.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { importSigners } from '../import-signers.ts';
import { signerOfFile } from './key-file.ts';
import { type KeyStore, keyStore, NoSigningKey } from './key-store.ts';
import { openKey, sealKey } from './seal-key.ts';
import { selfSigned } from './self-signed.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  await database.db.delete(certificateKeys);
  await database.db.delete(trustedSigners);
});

const validity = { validFrom: new Date('2021-01-01'), validTo: new Date('2040-01-01') };
const data = new Uint8Array([1, 2, 3]);
/** What every key on P-256 says in PKCS#8 before itself: an elliptic curve, and which. */
const ofP256 = Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex');

function store(environment: Readonly<Record<string, string>> = {}): KeyStore {
  const { db, config, clock } = testDependencies(database, undefined, environment);
  return keyStore({ db, config, clock, maxAgeMs: 0 });
}

function pem(name: string): string {
  const { privateKey, certificate } = selfSigned(name, validity);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) + new X509Certificate(certificate).toString();
}

function file(name: string, contents: string): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

describe('the keys of an installation', () => {
  it('are made for trying at the first use, once for all processes, and kept sealed', async () => {
    const [one, other] = await Promise.all([store().signer('dcc'), store().signer('dcc')]);
    expect(Buffer.from(one.certificate).equals(other.certificate)).toBe(true);
    const [row, ...more] = await database.db.select().from(certificateKeys);
    expect(more).toEqual([]);
    expect(row?.sealedKey?.includes(ofP256)).toBe(false);
    const key = { key: new X509Certificate(one.certificate).publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', data, key, await other.sign(data))).toBe(true);
  });

  it('are refused in production when they were made for trying, and not believed there', async () => {
    const { certificate } = await store().signer('dcc');
    const { config, db, clock } = testDependencies(database);
    const production = keyStore({ db, clock, config: { ...config, production: true }, maxAgeMs: 0 });
    await expect(production.signer('dcc')).rejects.toThrow(NoSigningKey);
    const { reference } = (await import('../trust-list.ts')).trustedSigner('dcc', certificate);
    expect((await production.trust()).find('dcc', reference)).toEqual([]);
    expect((await store().trust()).find('dcc', reference)).toHaveLength(1);
  });

  it('change with the configuration: the old one verifies, the new one signs', async () => {
    const old = await store({ DOCUMENT_KEY: file('old.pem', pem('Old')) }).signer('document');
    const next = store({ DOCUMENT_KEY: file('new.pem', pem('New')) });
    const signer = await next.signer('document');
    expect(Buffer.from(signer.certificate).equals(old.certificate)).toBe(false);
    const trust = await next.trust();
    for (const { certificate } of [old, signer]) {
      const reference = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
      expect(trust.find('document', reference)).toHaveLength(1);
    }
    // Back to the old one: it is not a third key.
    await store({ DOCUMENT_KEY: join(folder, 'old.pem') }).signer('document');
    const rows = await database.db.select().from(certificateKeys);
    expect(rows).toHaveLength(2);
    expect(rows.filter(({ retiredAt }) => retiredAt === null)).toHaveLength(1);
  });

  it('are read from files, PEM or PKCS#12, or refused by the file’s name', async () => {
    const path = file('key.pem', pem('From a file'));
    const signer = await signerOfFile({ path, passphrase: undefined });
    expect(signer.keyType).toBe('EC');
    await expect(signerOfFile({ path: join(folder, 'none'), passphrase: undefined })).rejects.toThrow('none');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const alone = file('alone.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    await expect(signerOfFile({ path: alone, passphrase: undefined })).rejects.toThrow('no certificate');
    if (spawnSync('openssl', ['version']).error) return;
    const p12 = join(folder, 'key.p12');
    execFileSync('openssl', ['pkcs12', '-export', '-in', path, '-out', p12, '-passout', 'pass:secret']);
    const opened = await signerOfFile({ path: p12, passphrase: 'secret' });
    const key = {
      key: new X509Certificate(opened.certificate).publicKey,
      dsaEncoding: 'ieee-p1363',
    } as const;
    expect(verify('sha256', data, key, await opened.sign(data))).toBe(true);
    await expect(signerOfFile({ path: p12, passphrase: 'wrong' })).rejects.toThrow('key.p12');
  });

  it('open with an older secret, never for another purpose', () => {
    const { privateKey } = selfSigned('Sealed', validity);
    expect(privateKey.export({ type: 'pkcs8', format: 'der' }).includes(ofP256)).toBe(true);
    const sealed = sealKey(['old secret'], privateKey, 'dcc');
    expect(openKey(['new secret', 'old secret'], sealed, 'dcc')?.equals(privateKey)).toBe(true);
    expect(openKey(['old secret'], sealed, 'document')).toBeUndefined();
    expect(openKey(['new secret'], sealed, 'dcc')).toBeUndefined();
  });
});

describe('the signers of other countries', () => {
  it('are imported once, those at fault named', async () => {
    const certificates = [selfSigned('One', validity), selfSigned('Two', validity)].map(({ certificate }) =>
      new X509Certificate(certificate).toString(),
    );
    const list = `${certificates.join('')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    const options = { purpose: 'dcc', country: 'DE', now: new Date('2021-06-01') } as const;
    const first = await importSigners(database.db, list, options);
    expect(first).toMatchObject({ added: 2, known: 0, rejected: [{ place: 3 }] });
    expect(await importSigners(database.db, list, options)).toMatchObject({ added: 0, known: 2 });
    const { reference } = (await database.db.select().from(trustedSigners))[0] ?? { reference: '' };
    expect((await store().trust()).find('dcc', reference)[0]).toMatchObject({ country: 'DE' });
  });
});
