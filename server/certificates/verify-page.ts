import type { Language, Texts } from '../texts.ts';
import { type ContentField, contentFields, type Verdict } from './verify-code.ts';

/** What stands in the way of a verdict. */
export interface Fault {
  readonly field: 'text' | 'file' | 'numero' | 'code';
  /** Key of its sentence. */
  readonly text: string;
}

/** What the page shows: what was typed, and a verdict or what stands in its way. */
export interface Shown {
  readonly text: string;
  readonly number: string;
  readonly code: string;
  readonly verdict?: Verdict;
  readonly fault?: Fault;
}

/** What templates/pages/certificates/verify.hbs needs. */
export function verifyPage(texts: Texts, language: Language, { text, number, code, verdict, fault }: Shown) {
  const message = fault && texts.say(language, fault.text);
  return {
    page: 'verify',
    scripts: ['/assets/verify-camera.js'],
    title: texts.say(language, 'certificates.title'),
    text,
    number,
    code,
    error: fault && { [fault.field]: message },
    errors: fault ? [{ field: fault.field, message }] : [],
    ...(number !== '' && { languageSwitch: { query: `${new URLSearchParams({ numero: number, code })}` } }),
    verdict: verdict && {
      valid: verdict.valid,
      // Who it is about is not told by its code: there is nothing to compare.
      named: verdict.content?.name !== undefined,
      kind: texts.say(language, `certificates.kinds.${verdict.kind}`),
      // A broken signature is nobody's: no name beside it that would lend it weight.
      signer: verdict.findings.some(({ code }) => code === 'signature') ? undefined : verdict.signer,
      problems: problemsOf(texts, language, verdict),
      content: contentOf(texts, language, verdict),
    },
  };
}

/** All that is wrong, in words. */
export function problemsOf(texts: Texts, language: Language, { findings }: Verdict) {
  return findings.map(({ code, parameters }) => ({
    code,
    message: [
      texts.say(language, `certificates.findings.${code}`, parameters),
      ...(code === 'revoked' && parameters?.reason !== undefined
        ? [texts.say(language, `certificates.withdrawal.${parameters.reason}`)]
        : []),
    ].join(' '),
  }));
}

function contentOf(texts: Texts, language: Language, { content }: Verdict) {
  return contentFields.flatMap((field) => {
    const value = content?.[field];
    if (value === undefined || value === '') return [];
    const label = texts.say(language, `certificates.fields.${field}`);
    return [{ label, value: inWords(texts, language, field, value) }];
  });
}

/** A value as people read it: what is one of a few words, a day or an instant is said in their language. */
function inWords(texts: Texts, language: Language, field: ContentField, value: string): string {
  if (field === 'event') return texts.say(language, `certificates.events.${value}`);
  if (field === 'timestamp') return texts.say(language, `certificates.timestamps.${value}`);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return inTime(language, value, { timeZone: 'UTC', dateStyle: 'long' });
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return value;
  const moment = inTime(language, value, { timeZone: 'Europe/Paris', dateStyle: 'long', timeStyle: 'short' });
  return moment === value ? value : texts.say(language, 'certificates.moment', { moment });
}

/** The value as it is when there is no such day. */
function inTime(language: Language, value: string, options: Intl.DateTimeFormatOptions): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', options).format(at);
}
