/**
 * Letters of which ICAO Doc 9303 (part 3, section 6 A) does not simply drop the diacritical mark. Those that it lets
 * States write in several ways are written as it recommends first.
 */
const letters: Readonly<Record<string, string>> = {
  Ä: 'AE',
  Å: 'AA',
  Æ: 'AE',
  Ð: 'D',
  Đ: 'D',
  Ħ: 'H',
  ı: 'I',
  Ĳ: 'IJ',
  ĸ: 'K',
  Ł: 'L',
  Ŀ: 'L',
  Ñ: 'N',
  Ŋ: 'N',
  Ö: 'OE',
  Ø: 'OE',
  Œ: 'OE',
  ẞ: 'SS',
  ß: 'SS',
  Þ: 'TH',
  Ŧ: 'T',
  Ü: 'UE',
  Ə: 'E',
};

/** How long a name may be in a certificate. */
const longest = 80;

/**
 * A name as the machine-readable zone of a passport has it (ICAO 9303): Latin capitals without marks, `<` for a space
 * or a hyphen, nothing for an apostrophe. Cut at 80 characters, as the certificate's schema asks.
 * @returns undefined when a letter is not Latin: who it names must say how it is written.
 */
export function transliterate(name: string): string | undefined {
  // Composed first, so that Ü is found whichever way it was typed.
  const written = [...name.normalize('NFC').toUpperCase().normalize('NFC')]
    .map((letter) => letters[letter] ?? letter)
    .join('');
  const plain = written
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/['’ʼ`´".,;:]/g, '')
    .replaceAll(/[\s\p{Pd}<_/]+/gu, '<')
    .replaceAll(/^<+|<+$/g, '');
  if (!/^[A-Z<]+$/.test(plain)) return undefined;
  return plain.slice(0, longest).replace(/<+$/, '');
}
