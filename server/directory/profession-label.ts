import type { Language, Texts } from '../texts.ts';

/** A profession in words, « (en formation) » where that is so; one that the product cannot name is "another". */
export function professionLabel(
  texts: Texts,
  language: Language,
  { code, inTraining }: { readonly code: string; readonly inTraining: boolean },
): string {
  const known = texts.has(language, `routing.professions.${code}`) ? code : 'other';
  const profession = texts.say(language, `routing.professions.${known}`);
  return inTraining ? texts.say(language, 'directory.professions.in_training', { profession }) : profession;
}
