import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Config } from '../config.ts';
import type { MailTransport } from './transport.ts';

/** Where mails are written when there is no mail server. */
export function mailDirectory(config: Pick<Config, 'dataDirectory'>): string {
  return join(config.dataDirectory, 'mails');
}

/**
 * Writes each mail as `<message id>.eml` in `directory`, made when it is missing. The file appears whole or not
 * at all, and the same mail sent again replaces itself, as a mail system would fold it.
 */
export function fileTransport(directory: string): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async deliver(mail) {
      const partial = join(directory, `.${randomUUID()}`);
      try {
        const { message, messageId } = await composer.sendMail(mail);
        await mkdir(directory, { recursive: true });
        await writeFile(partial, message, { flush: true });
        await rename(partial, join(directory, `${messageId.replace(/[^\w@.-]/g, '')}.eml`));
        return { outcome: 'accepted' };
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritten';
        return { outcome: 'not_accepted', answer: code };
      }
    },
    close: async () => composer.close(),
  };
}
