import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Catalogue,
  differences,
  readCatalogue,
  textUses,
  typographyFaults,
  usageFaults,
} from './catalogues.ts';
import { hole, projectRoot, readSourceFile, sourceFiles } from './source.ts';

const french = readCatalogue('fr');
const english = readCatalogue('en');

/** What the wizard says follows from its flows: server/wizard/texts.test.ts checks it, state by state. */
const isWizard = (key: string) => key.startsWith('wizard.');
const checkedHere: Catalogue = new Map([...french].filter(([key]) => !isWizard(key)));
const uses = textUses([...new Set([...checkedHere.keys()].map((key) => key.split('.')[0] ?? ''))]);

/** A problem's code is a word of its own in the code, wherever it is chosen; most stand in `new Problem(status, …`. */
function problemCodes(): readonly string[] {
  const files = sourceFiles('server').filter((file) => !/\.test\.ts$|\/testing\//.test(file));
  const known = new Set([...french.keys()].map((key) => /^problems\.([^.]+)\.title$/.exec(key)?.[1]));
  const named = files.flatMap((file) => readSourceFile(file).strings.filter((text) => known.has(text)));
  const thrown = files.flatMap((file) =>
    [...readFileSync(join(projectRoot, file), 'utf8').matchAll(/new Problem\(\s*[^,()]+,\s*'([^']+)'/g)].map(
      ([, code = '']) => code,
    ),
  );
  return [...new Set([...named, ...thrown])];
}

/** Keys that only the code knows when it runs, and all that they may be. */
const dynamic = ['title', 'detail'].map((slot) => ({
  pattern: `problems.${hole}.${slot}`,
  keys: problemCodes().map((code) => `problems.${code}.${slot}`),
}));

describe('the texts', () => {
  it('say the same things in French and in English, with the same values', () => {
    expect(differences(french, english)).toEqual([]);
  });

  it('set French as French is set', () => {
    expect(typographyFaults(french)).toEqual([]);
  });

  it('are all there, all used, and given what they need by the templates', () => {
    expect(usageFaults(checkedHere, uses, dynamic)).toEqual([]);
  });
});

describe('the check of the texts', () => {
  it('finds two languages that differ', () => {
    const fr: Catalogue = new Map<string, string | readonly string[]>([
      ['a', 'Bonjour {name}'],
      ['b', ['un', 'deux']],
      ['c', 'une phrase qui n’a pas été traduite'],
      ['only', 'x'],
    ]);
    const en: Catalogue = new Map<string, string | readonly string[]>([
      ['a', 'Hello {who}'],
      ['b', ['one']],
      ['c', 'une phrase qui n’a pas été traduite'],
      ['other', 'x'],
    ]);
    expect(differences(fr, en)).toEqual([
      'only: not in English',
      'other: not in French',
      'a: {name} in French, {who} in English',
      'b: 2 sentences in French, 1 in English',
      'c: not translated: une phrase qui n’a pas été traduite',
    ]);
  });

  it.each([
    ['Quoi ?', 'a space that breaks before ; : ! ? » % €'],
    ['Quoi?', 'no space before ! ? ;'],
    ['Voici:', 'no space before :'],
    ['« Oui »', 'a space that breaks after «'],
    ['«Oui»', 'no space inside « »'],
    ["l'Ordre", "' instead of ’"],
    ['dit "oui"', '" instead of « »'],
    ['Attendez...', '... instead of …'],
    ['deux  espaces', 'a space too many'],
    ['fin ', 'a space too many'],
  ])('finds French that is not set as French is: %s', (text, because) => {
    expect(typographyFaults(new Map([['key', text]])).join()).toContain(because);
  });

  it.each([
    'Quoi\u202f?',
    'Voici\u00a0: « Oui »'.replaceAll('« ', '«\u00a0').replaceAll(' »', '\u00a0»'),
    'à 9:00',
    'https://a.fr/?b=c:d',
    ' et ',
    'L’Ordre…',
  ])('lets French pass that is: %s', (text) => {
    expect(typographyFaults(new Map([['key', text]]))).toEqual([]);
  });

  it('finds texts that are missing, unused, too widely named, or given too little', () => {
    const catalogue = new Map([
      ['desk.hello', 'Bonjour {name}'],
      ['desk.count.one', '{count} cas'],
      ['desk.count.other', '{count} cas'],
      ['desk.states.open', 'Ouvert'],
      ['desk.unused', 'x'],
      ['desk.codes.a.title', 'x'],
      ['desk.helped', 'x'],
      ['desk.levels.high.name', 'x'],
    ]);
    const faults = usageFaults(
      catalogue,
      {
        keys: new Map([
          ['desk.hello', 'a.hbs'],
          ['desk.count', 'a.ts'],
          ['desk.gone', 'a.ts'],
        ]),
        patterns: new Map([
          [`desk.states.${hole}`, 'b.ts'],
          [`desk.kinds.${hole}`, 'b.ts'],
          [`desk.${hole}`, 'b.ts'],
          [`desk.codes.${hole}.title`, 'b.ts'],
        ]),
        possible: new Set(['desk.helped', `desk.levels.${hole}.name`]),
        given: [{ file: 'a.hbs', key: 'desk.hello', names: [] }],
      },
      [{ pattern: `desk.codes.${hole}.title`, keys: ['desk.codes.a.title', 'desk.codes.b.title'] }],
    );
    expect(faults).toEqual([
      'desk.gone: used by a.ts, and missing',
      'desk.kinds.… in b.ts fits no text',
      'desk.… in b.ts may be any key: declare what it stands for',
      'desk.codes.b.title: used by the code as desk.codes.….title, and missing',
      'desk.unused: nobody uses it',
      'desk.hello: a.hbs does not give it {name}',
    ]);
  });

  it('reads the keys that code and templates name', () => {
    expect(uses.keys.get('problems.fields.characters')).toBe('server/http/validation.ts');
    expect([...uses.keys.values()].some((file) => file.endsWith('.hbs'))).toBe(true);
    expect([...uses.patterns.values()].some((file) => file.endsWith('.hbs'))).toBe(true);
    expect(uses.given.some(({ names }) => names.length > 0)).toBe(true);
  });
});
