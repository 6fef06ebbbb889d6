import type { ParsedMail } from 'mailparser';
import type { NirWatch } from './watch.ts';

/** Searches a mail as it is read: every header, both bodies, what is attached. */
export function searchMail(mail: ParsedMail, watch: NirWatch): void {
  for (const { line } of mail.headerLines) watch.look('a header of a mail', line);
  watch.look('the subject of a mail', mail.subject ?? '');
  watch.look('the text of a mail', mail.text ?? '');
  watch.look('the HTML of a mail', mail.html || '');
  for (const { content } of mail.attachments) watch.look('an attachment of a mail', content.toString('utf8'));
}
