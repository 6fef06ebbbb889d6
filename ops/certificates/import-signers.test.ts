import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trustedSigners } from '#server/certificates/certificates.table.ts';
import { selfSigned } from '#server/certificates/keys/self-signed.ts';
import { testFolder } from '#server/directory/testing/an-extract.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const folder = testFolder();

/** Runs the command; what it says, and how it ends. */
function importing(
  ...parameters: readonly string[]
): Promise<{ readonly code: unknown; readonly said: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
  const script = join(import.meta.dirname, 'import-signers.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...parameters], { env }, (error, out, err) => {
      resolve({ code: error ? error.code : 0, said: out + err });
    });
  });
}

function pem(name: string): string {
  const validity = { validFrom: new Date('2021-01-01'), validTo: new Date('2040-01-01') };
  return new X509Certificate(selfSigned(name, validity).certificate).toString();
}

describe('npm run certificates:import-signers', () => {
  it('believes the signers of a file once, and names those that it does not take', async () => {
    const wrong = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const file = folder.write('signers.pem', `${pem('One')}${wrong}${pem('Two')}`);
    const first = await importing(file, '--country', 'DE');
    expect(first.said).toContain('certificate 2 was not taken');
    expect(first.said).toContain('2 added, 0 known already, 1 not taken');
    expect(first.code).toBe(3);
    expect((await importing(file, '--country', 'DE')).said).toContain('0 added, 2 known already');
    const rows = await database.db.select().from(trustedSigners);
    expect(rows.map(({ purpose, country }) => `${purpose} ${country}`)).toEqual(['dcc DE', 'dcc DE']);
  });

  it('takes the signer of 2D-Docs under its number', async () => {
    const file = folder.write('ants.pem', pem('ANTS'));
    expect(await importing(file, '--purpose', 'two_d_doc')).toMatchObject({
      code: 3,
      said: expect.stringContaining('needs its reference'),
    });
    const taken = await importing(file, '--purpose', 'two_d_doc', '--reference', 'FR050001');
    expect(taken).toMatchObject({ code: 0, said: expect.stringContaining('1 added') });
  });

  it('takes a time-stamping authority, for nothing else', async () => {
    const file = folder.write('tsa.pem', pem('TSA'));
    expect(await importing(file, '--purpose', 'tsa')).toMatchObject({ code: 0 });
    const rows = await database.db.select().from(trustedSigners);
    expect(rows.filter(({ purpose }) => purpose === 'tsa')).toHaveLength(1);
  });

  it.each([
    [[], 'which file'],
    [['none.pem'], 'none.pem'],
    [['none.pem', '--purpose', 'passport'], '--purpose is'],
    [['none.pem', '--other'], '--other'],
  ])('refuses %j, and says why', async (parameters, words) => {
    const refused = await importing(...parameters);
    expect(refused.said).toContain(words);
    expect(refused.code).not.toBe(0);
  });

  it('says so when a file holds no certificate', async () => {
    const refused = await importing(folder.write('empty.pem', 'nothing'));
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('no certificate') });
  });
});
