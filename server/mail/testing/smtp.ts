/**
 * Purpose: a real SMTP server for tests, which keeps what it accepts and refuses as told; what it is sent is searched for NIRs.
 * Entry points: `startSmtp`.
 * May import: server/testing/nir-watch.
 */
import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';
import { searchMail } from '#server/testing/nir-watch/mails.ts';
import { nirWatch } from '#server/testing/nir-watch/watch.ts';

/** An answer other than 250: thrown at RCPT TO or after the message. */
export interface Refusal {
  readonly at: 'recipient' | 'message';
  readonly status: number;
  readonly words: string;
}

export interface TestSmtp {
  readonly url: string;
  /** Accepted mails, in order, with the address each was delivered to. */
  readonly accepted: readonly (ParsedMail & { readonly deliveredTo: string })[];
  /** The next mails get these answers, one each; then all are accepted again. */
  refuse(...refusals: readonly Refusal[]): void;
  /** Called with each mail once it is accepted, before the answer leaves: whoever is killed here never hears of it. */
  onAccepted(listener: (() => void | Promise<void>) | undefined): void;
  /** Resolves when that many mails were accepted since the start. */
  received(count: number): Promise<void>;
  forget(): void;
  close(): Promise<void>;
}

/** Starts a server on a free port (or on `port`) that takes any mail. */
export async function startSmtp(port = 0): Promise<TestSmtp> {
  const accepted: (ParsedMail & { readonly deliveredTo: string })[] = [];
  const refusals: Refusal[] = [];
  let listener: (() => void | Promise<void>) | undefined;

  const refusal = (at: Refusal['at']) => {
    if (refusals[0]?.at !== at) return undefined;
    const { status, words } = refusals.shift() as Refusal;
    return Object.assign(new Error(words), { responseCode: status });
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo: (_address, _session, callback) => callback(refusal('recipient')),
    onData: (stream, session, callback) => {
      simpleParser(stream)
        .then(async (mail) => {
          searchMail(mail, nirWatch);
          const refused = refusal('message');
          if (refused) return callback(refused);
          accepted.push({
            ...mail,
            deliveredTo: session.envelope.rcptTo.map(({ address }) => address).join(),
          });
          await listener?.();
          callback();
        })
        .catch(callback);
    },
  });
  // A client that is killed resets its connection: nothing to do about it.
  server.on('error', () => {});
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (!address || typeof address === 'string') throw new Error('the SMTP server has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    accepted,
    refuse: (...more) => refusals.push(...more),
    onAccepted: (next) => {
      listener = next;
    },
    received: (count) =>
      vi.waitFor(
        () => {
          if (accepted.length < count) throw new Error(`${accepted.length} of ${count} mails have arrived`);
        },
        { timeout: 40_000, interval: 20 },
      ),
    forget: () => {
      accepted.length = 0;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
