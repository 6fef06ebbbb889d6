/**
 * Purpose: turns words into a mail that cannot be forged from what people type, and hands it to the mail system.
 * Entry points: `composeMail`; transport.ts sends; demo-mails.routes.ts shows mails where none is really sent.
 * May import: server/http (routes only).
 */
import type { SendMailOptions } from 'nodemailer';

/** What differs between one mail and another. */
export interface MailContent {
  /** Without angle brackets, the same whenever this mail is tried again: mail systems then keep one of both. */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly date: Date;
  /** The mail that began the conversation, by its id. */
  readonly inReplyTo?: string;
  /** An address that stops the mails when it is sent a POST, without any question (RFC 8058). */
  readonly unsubscribeUrl?: string;
  /** Files of text that come with the mail. */
  readonly attachments?: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: string;
  }[];
}

/** A person typed an address to which no mail can be sent safely. */
export class UnusableAddress extends Error {
  constructor() {
    super('not an address that mail can be sent to');
    this.name = 'UnusableAddress';
  }
}

/**
 * The mail as nodemailer takes it. `from` is `Name <address>` or an address.
 * @throws UnusableAddress when the recipient's address is not exactly one plain address.
 */
export function composeMail(content: MailContent, from: string): SendMailOptions {
  const { messageId, to, subject, html, text, date, inReplyTo, unsubscribeUrl, attachments } = content;
  if (!isPlainAddress(to.address)) throw new UnusableAddress();
  return {
    from,
    to: { name: oneLine(to.name), address: to.address },
    subject: oneLine(subject),
    html,
    text,
    date,
    messageId: `<${messageId}>`,
    ...(attachments && { attachments: [...attachments] }),
    ...(inReplyTo !== undefined && { inReplyTo: `<${inReplyTo}>`, references: `<${inReplyTo}>` }),
    headers: {
      // Nobody reads the answers: no robot should send one, nor an absence notice.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(unsubscribeUrl !== undefined && {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** One address, no list, no quoting, no comment: nothing that a mail system could read in two ways. */
function isPlainAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s\p{C}@,;:<>()"\\[\]]+@[^\s\p{C}@,;:<>()"\\[\]]+$/u.test(address);
}

/** On one line, without control characters nor the marks that turn the reading direction of what follows. */
export function oneLine(words: string): string {
  return words
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim();
}
