import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '../../config.ts';
import { type Nir, readNir } from './nir.ts';
import { nirVault } from './nir-vault.ts';

const key = (id: string) => ({ id, key: randomBytes(32) });
const [first, second, index] = [key('first'), key('second'), key('index')];
const vaultOf = (sealingKeys: KeyRing, indexKeys: KeyRing = [index]) => nirVault({ sealingKeys, indexKeys });

function aNir(text = '295109912611193'): Nir {
  const read = readNir(text);
  if (!read.ok) throw new Error('no NIR');
  return read.nir;
}

describe('the vault', () => {
  const patientId = randomUUID();

  it('opens what it sealed, each time differently', () => {
    const vault = vaultOf([first]);
    const [one, other] = [vault.seal(aNir(), patientId), vault.seal(aNir(), patientId)];
    expect(vault.openNir(one, patientId)).toBe(aNir());
    expect(one.sealed.equals(other.sealed)).toBe(false);
    expect(one.sealed.toString('latin1')).not.toContain(aNir());
  });

  it('opens nothing for another patient, another purpose, or altered', () => {
    const vault = vaultOf([first]);
    const stored = vault.seal(aNir(), patientId);
    expect(() => vault.open(stored, randomUUID())).toThrow();
    expect(() => vault.open(stored, patientId, 'archive')).toThrow();
    for (let place = 0; place < stored.sealed.length; place++) {
      const altered = Buffer.from(stored.sealed);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(() => vault.open({ ...stored, sealed: altered }, patientId)).toThrow();
    }
  });

  it('seals with the first key and opens with all; a lost key is named, the NIR is not', () => {
    const before = vaultOf([first]).seal(aNir(), patientId);
    const vault = vaultOf([second, first]);
    expect(vault.openNir(before, patientId)).toBe(aNir());
    expect(vault.seal(aNir(), patientId).keyId).toBe('second');
    expect(() => vaultOf([second]).open(before, patientId)).toThrow('RECORDS_KEYS lacks the key "first"');
  });

  it('finds under every index key, and only the same NIR', () => {
    const vault = vaultOf([first], [second, index]);
    const older = vaultOf([first], [index]).index(aNir());
    expect(vault.indexes(aNir())).toContainEqual(older.blindIndex);
    expect(vault.index(aNir()).indexKeyId).toBe('second');
    expect(vault.indexes(aNir('163127847704294'))).not.toContainEqual(older.blindIndex);
  });
});
