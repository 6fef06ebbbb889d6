import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNir } from '#server/records/patients/nir.ts';
import { aNir, theNir } from '../patients.ts';
import { knownNumbers, nirsIn } from './numbers.ts';

const nirs = ['295109912611193', '253072A07300443', '253072B07300470'].map(theNir);

describe('a known NIR', () => {
  const spelled: Readonly<Record<string, (nir: string) => string>> = {
    'in one piece': (nir) => nir,
    'in small letters': (nir) => nir.toLowerCase(),
    'without its key': (nir) => nir.slice(0, 13),
    'in groups': (nir) => nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7'),
    'as it is printed': (nir) => formatNir(theNir(nir)),
    'with dots': (nir) => nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1.$2.$3.$4.$5.$6.$7'),
    'in an address': (nir) => `/dossiers?nir=${encodeURIComponent(formatNir(theNir(nir)))}&page=2`,
    'in a form': (nir) => new URLSearchParams({ nir: `${nir.slice(0, 1)} ${nir.slice(1)}` }).toString(),
    'in HTML': (nir) => `<p>n°&nbsp;${nir.slice(0, 1)}&nbsp;${nir.slice(1)}</p>`,
    'inside a longer number': (nir) => `7771234${nir}9876`,
    'after letters': (nir) => `patient_${nir}`,
    'in a token': (nir) => `v1.${Buffer.from(JSON.stringify({ nir })).toString('base64url')}.sig`,
  };
  it.each(Object.entries(spelled))('is found %s', (_, write) => {
    for (const nir of nirs) {
      const text = `before ${write(nir)} after`;
      const found = knownNumbers(nirs).findIn(text);
      expect(found && write(nir).length >= found.to - found.from).toBe(true);
    }
  });

  it('is found whatever stands around it', () => {
    const numbers = knownNumbers(nirs);
    const around = fc.oneof(fc.string(), fc.stringMatching(/^[0-9 .:-]*$/));
    fc.assert(
      fc.property(around, fc.constantFrom(...nirs), around, (before, nir, after) => {
        expect(numbers.findIn(before + nir + after)).toBeDefined();
      }),
    );
  });
});

describe('what is not known', () => {
  it('is never taken for a NIR: times, identifiers, numbers by chance, other NIRs', () => {
    const numbers = knownNumbers(nirs);
    const anything = fc.oneof(
      fc.stringMatching(/^[0-9 ]{13,60}$/),
      fc.uuid(),
      fc.date({ noInvalidDate: true }).map((date) => `${date.getTime()} ${date.toISOString()}`),
      fc.uint8Array({ minLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(numbers.findIn(text)).toBeUndefined();
      }),
    );
    expect(numbers.findIn(`n° ${aNir()}`)).toBeUndefined();
  });

  it('is known once it was typed by itself, if its key is right', () => {
    const numbers = knownNumbers();
    numbers.addFrom('{"nir":"2 95 10 99 126 111 93","other":"163127847704299"}');
    expect(numbers.findIn('295109912611193')).toBeDefined();
    expect(numbers.findIn('163127847704299')).toBeUndefined();
    expect(nirsIn('1295109912611193 295109912611193x /163127847704294/')).toEqual(['163127847704294']);
  });
});
