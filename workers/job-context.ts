import type { Dependencies } from '#server/dependencies.ts';
import type { MailTransport } from '#server/mail/transport.ts';

/** What jobs work with. */
export interface JobContext extends Dependencies {
  readonly mail: MailTransport;
}
