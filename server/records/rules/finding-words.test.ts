import { describe, expect, it } from 'vitest';
import { loadTexts } from '#server/texts.ts';
import type { DoseRuleKind } from './dose-rules/rule.ts';
import { sayFinding } from './finding-words.ts';
import type { VaccineList } from './vaccines.ts';

const texts = loadTexts();
const named = (vaccine: string, name: string) => ({
  vaccine,
  name,
  emaNumber: 'EU/1/20/1528',
  maker: 'Maker',
  makerCode: null,
  prophylaxis: '1119349007',
  atc: 'J07BN01',
  origin: 'source' as const,
  validFrom: null,
  validTo: null,
});
const list: VaccineList = {
  vaccines: [named('comirnaty', 'Comirnaty'), named('jcovden', 'Jcovden')],
  gtins: new Map(),
};

/** The sentence, its unbreakable spaces as common ones. */
function say(
  language: 'fr' | 'en',
  kind: DoseRuleKind,
  parameters: Readonly<Record<string, string | number>>,
): string {
  return sayFinding(texts, language, list, { kind, parameters }).replace(/[\u00a0\u202f]/g, ' ');
}

describe('a finding in words', () => {
  const date = '2021-05-03';

  it.each([
    [0, 'La dose du 3 mai 2021 est du même jour que celle-ci ; il faut au moins 21 jours entre les deux.'],
    [
      1,
      'La dose du 3 mai 2021 n’est séparée de celle-ci que de 1 jour ; il faut au moins 21 jours entre les deux.',
    ],
    [
      2,
      'La dose du 3 mai 2021 n’est séparée de celle-ci que de 2 jours ; il faut au moins 21 jours entre les deux.',
    ],
  ])('says doses that are %i days apart, too near', (days, sentence) => {
    expect(say('fr', 'minimum_interval', { days, least: 21, date })).toBe(sentence);
  });

  it.each([
    [0, 1, 'The dose of 3 May 2021 is on the same day as this one; leave at least 1 day between the two.'],
    [
      1,
      21,
      'The dose of 3 May 2021 is only 1 day apart from this one; leave at least 21 days between the two.',
    ],
  ])('says them in English: %i', (days, least, sentence) => {
    expect(say('en', 'minimum_interval', { days, least, date })).toBe(sentence);
  });

  it.each([
    ['fr', 1, 'Avec Jcovden, 1 dose suffit ; le total indiqué est de 3.'],
    ['fr', 2, 'Avec Jcovden, la vaccination se fait en 2 doses ; le total indiqué est de 3.'],
    ['en', 1, 'With Jcovden, 1 dose is enough; the total given is 3.'],
    ['en', 2, 'With Jcovden, the vaccination takes 2 doses; the total given is 3.'],
  ] as const)('says in %s that a course has %i', (language, doses, sentence) => {
    expect(say(language, 'course', { vaccine: 'jcovden', doses, total: 3 })).toBe(sentence);
  });

  it.each([
    ['fr', 0, 'Cette dose porte le rang 3, mais aucune dose n’est enregistrée avant elle.'],
    ['fr', 1, 'Cette dose porte le rang 3, mais une seule dose est enregistrée avant elle.'],
    ['fr', 2, 'Cette dose porte le rang 3, mais 2 doses seulement sont enregistrées avant elle.'],
    ['en', 0, 'This dose has rank 3, but no dose is recorded before it.'],
    ['en', 1, 'This dose has rank 3, but only one dose is recorded before it.'],
    ['en', 2, 'This dose has rank 3, but only 2 doses are recorded before it.'],
  ] as const)('says in %s that %i doses stand before a third one', (language, count, sentence) => {
    expect(say(language, 'rank_skipped', { rank: 3, count })).toBe(sentence);
  });

  it('says how long after the last dose a booster is given, and from what age a vaccine', () => {
    const booster = { months: 1, date, earliest: '2021-06-03' };
    expect(say('fr', 'booster_interval', booster)).toBe(
      'La dernière dose est du 3 mai 2021 : le rappel se fait au moins 1 mois après, soit à partir du 3 juin 2021.',
    );
    expect(say('en', 'booster_interval', { ...booster, months: 3 })).toContain('at least 3 months later');
    expect(say('fr', 'minimum_age', { vaccine: 'comirnaty', years: 1, least: 12 })).toBe(
      'Cette personne avait 1 an ce jour-là ; Comirnaty se donne à partir de 12 ans.',
    );
  });

  it('writes the first of a month as French does', () => {
    expect(say('fr', 'deferred', { date: '2021-05-01', until: '2021-06-01' })).toBe(
      'Lors de la consultation du 1er mai 2021, la vaccination a été reportée au 1er juin 2021.',
    );
  });
});
