import { professionLabel } from '../directory/profession-label.ts';
import type { Language, Texts } from '../texts.ts';
import type { Finding } from './replay.ts';
import { factTextKey } from './text-keys.ts';

/** What the texts of a page may say of a professional who was found: `{person}`, `{professions}`, `{activities}`. */
export type FindingWords = Readonly<Record<'person' | 'professions' | 'activities', string>>;

/** The professional in words: what is open to everybody, and nothing more. */
export function describeFinding(texts: Texts, language: Language, finding: Finding): FindingWords {
  const { familyName, givenName, professions, activities } = finding;
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const say = (key: string, parameters = {}) => texts.say(language, `diagnosis.number.${key}`, parameters);
  const practised = activities.map(({ mode, setting }) => {
    const how = texts.say(language, factTextKey('mode', mode));
    return setting === undefined ? how : `${how} (${texts.say(language, factTextKey('setting', setting))})`;
  });
  return {
    person: [givenName, familyName].filter(Boolean).join(' ') || say('no_name'),
    professions:
      list.format(professions.map((each) => professionLabel(texts, language, each))) || say('no_profession'),
    activities:
      practised.length === 0 ? say('no_activity') : say('activities', { activities: list.format(practised) }),
  };
}
