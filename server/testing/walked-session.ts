import type { Database } from '#server/database/client.ts';
import type { Language } from '#server/texts.ts';
import { answerSession, startSession, type Walk } from '#server/wizard/sessions.ts';

/** The instant of a fresh `testClock()`. */
const testStart = new Date('2026-11-23T10:00:00+01:00');

/** An SMS code that does not come, then "talk to someone": what comes before the questions about the practitioner. */
export const towardPerson = [
  'way/ecps',
  'problem/codes',
  'code_missing/sms',
  'sms_not_received/help',
] as const;

/** A nurse in independent practice, who is still stuck: nothing remains to be asked. */
export const independentNurse = [
  ...towardPerson,
  'setting/practice',
  'mode/independent',
  'case_profession/nurse',
] as const;

/** Stores a session of the wizard that gave these answers, each `node/option`. */
export async function walkedSession(
  db: Database,
  answers: readonly string[] = independentNurse,
  language: Language = 'fr',
): Promise<Walk> {
  let walk = await startSession(db, language, testStart);
  for (const given of answers) {
    const [node = '', answer = ''] = given.split('/');
    walk = await answerSession(db, walk.session.id, { node, answer }, testStart);
  }
  return walk;
}
