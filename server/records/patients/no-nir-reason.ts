import { type Language, languages, type Texts } from '../../texts.ts';

/** Why a record that a centre's file made has no NIR, as it is stored: nobody has typed it, each language has its words. */
export const importReason = 'import';

const words = 'records-patients.file.noNirImported';

/** Why there is no NIR, in words. */
export function sayNoNirReason(texts: Texts, language: Language, reason: string): string {
  return reason === importReason ? texts.say(language, words) : reason;
}

/** The reason as it is stored, of one that a form sends back as it was shown. */
export function storedNoNirReason(texts: Texts, typed: string): string {
  return languages.some((language) => texts.say(language, words) === typed.trim()) ? importReason : typed;
}
