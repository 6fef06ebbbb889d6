import { PassThrough, type Readable } from 'node:stream';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Delivery, MailTransport } from './transport.ts';

/** A mail server that stops in the middle must not hold a worker, nor outlast the lease of a delivery. */
const patience = {
  connectionTimeout: 10_000,
  greetingTimeout: 15_000,
  dnsTimeout: 10_000,
  socketTimeout: 60_000,
};
const longestDeliveryMs = 3 * 60_000;

/** What nodemailer tells about a failure, as far as it can be repeated without naming anybody. */
interface SmtpFailure {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

/** Sends through the server at `url` (`smtp://user:password@host:port`), over a few connections kept open. */
export function smtpTransport({ url }: { readonly url: string }): MailTransport {
  const transporter = createTransport({ url, pool: true, maxConnections: 3, ...patience });
  /** The body of each mail on its way, which tells whether a broken connection had begun to carry it. */
  const bodies = new WeakMap<AbortSignal, Readable>();
  transporter.use('stream', (mail, done) => {
    mail.message.processFunc((input) => {
      const body = new PassThrough();
      input.on('error', (error) => body.destroy(error));
      if (mail.data.signal) bodies.set(mail.data.signal, body);
      return input.pipe(body);
    });
    done();
  });

  return {
    async deliver(mail) {
      const signal = AbortSignal.timeout(longestDeliveryMs);
      try {
        await transporter.sendMail({ ...mail, signal } satisfies SendMailOptions);
        return { outcome: 'accepted' };
      } catch (error) {
        const begun = bodies.get(signal)?.readableDidRead === true;
        // Whatever is thrown is only looked at for the fields that a failure of nodemailer has.
        return judge((error ?? {}) as SmtpFailure, begun);
      }
    },
    close: async () => transporter.close(),
  };
}

/** What a failure means for the mail. `begun`: part of the message had left when it failed. */
function judge(failure: SmtpFailure, begun: boolean): Delivery {
  const status = typeof failure.responseCode === 'number' ? failure.responseCode : undefined;
  const answer = describe(failure, status);
  if (status === undefined) return { outcome: begun ? 'unknown' : 'not_accepted', answer };
  const permanent = status >= 500 && status < 600 && status !== 503;
  if (permanent && failure.command === 'RCPT TO') return { outcome: 'refused', what: 'recipient', answer };
  if (permanent && failure.command === 'DATA') return { outcome: 'refused', what: 'message', answer };
  // Not let in, or not allowed to send at all: the installation's fault, which somebody may set right.
  return { outcome: 'not_accepted', answer };
}

/** The server's code, its enhanced code (RFC 3463) and our own: never its words, which may repeat the address. */
function describe(failure: SmtpFailure, status: number | undefined): string {
  const enhanced =
    typeof failure.response === 'string'
      ? /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(failure.response)?.[1]
      : undefined;
  return [status, enhanced, failure.code].filter((part) => part !== undefined).join(' ');
}
