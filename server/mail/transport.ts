import type { SendMailOptions } from 'nodemailer';
import type { Config } from '../config.ts';
import { fileTransport, mailDirectory } from './file-transport.ts';
import { smtpTransport } from './smtp-transport.ts';

/** How a delivery ended; nothing here names a person. */
export type Delivery =
  | { readonly outcome: 'accepted' }
  /** Certainly not accepted, and trying again may help: the server is away, busy, or refuses us. */
  | { readonly outcome: 'not_accepted'; readonly answer: string }
  /** Certainly not accepted, now or ever: this recipient, or this very message. */
  | { readonly outcome: 'refused'; readonly what: 'recipient' | 'message'; readonly answer: string }
  /** The connection broke while the message was on its way: it may have been accepted. */
  | { readonly outcome: 'unknown'; readonly answer: string };

export interface MailTransport {
  /** Tries once. Never throws: every end is a `Delivery`. */
  deliver(mail: SendMailOptions): Promise<Delivery>;
  close(): Promise<void>;
}

/** Sends by SMTP when `SMTP_URL` is set; otherwise writes mails below `DATA_DIR/mails`. */
export function openMailTransport(config: Pick<Config, 'smtpUrl' | 'dataDirectory'>): MailTransport {
  return config.smtpUrl === undefined
    ? fileTransport(mailDirectory(config))
    : smtpTransport({ url: config.smtpUrl });
}
