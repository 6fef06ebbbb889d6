import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, key: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;

/** The form in which a password is stored: `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<key>`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const key = await derive({ message: normalised(password), nonce, tagLength, ...cost });
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(nonce)}$${encode(key)}`;
}

/**
 * Whether the password is the stored one, at the cost that the stored form names. Takes as long when nothing is
 * stored (`undefined`: no such account), so that time does not tell which accounts exist.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const found = stored === undefined ? undefined : storedForm.exec(stored)?.groups;
  const { memory, passes, parallelism, salt = '', key = '' } = found ?? unmatchable;
  const expected = Buffer.from(key, 'base64');
  const derived = await derive({
    message: normalised(password),
    nonce: Buffer.from(salt, 'base64'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(derived, expected) && found !== undefined;
}

const storedForm =
  /^\$argon2id\$v=19\$m=(?<memory>\d+),t=(?<passes>\d+),p=(?<parallelism>\d+)\$(?<salt>[\w+/]{22,})\$(?<key>[\w+/]{43,})$/;

/** Stands in for an account that does not exist: same work, and never a match. */
const unmatchable: Readonly<Record<string, string | number>> & { salt: string; key: string } = {
  ...cost,
  salt: encode(Buffer.alloc(16)),
  key: encode(Buffer.alloc(tagLength)),
};

/** The same password typed on two keyboards must be the same bytes. */
function normalised(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'));
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
