/**
 * Purpose: what a failure may say in logs and in the queue, which keep it for days: no parameters, no addresses.
 * Entry points: `safeError`.
 * May import: nothing of the project.
 */
export interface SafeError extends Error {
  readonly code?: string;
}

/**
 * A copy of the error that names nobody. Query errors carry their parameters and mail errors the recipient, in
 * the message as in the stack; both are cut, and so is the cause.
 */
export function safeError(error: unknown): SafeError {
  if (!(error instanceof Error)) return new Error('something that is not an error was thrown');
  const safe: Error & { code?: string } = new Error(withoutPersons(error.message));
  safe.name = error.name;
  safe.stack = [`${safe.name}: ${safe.message}`, ...framesOf(error)].join('\n');
  const code = codeOf(error) ?? codeOf(error.cause);
  if (code !== undefined) safe.code = code;
  return safe;
}

/** The lines of a stack after its message, which may hold some that look like them; none when it is not there. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  const from = stack.indexOf(message);
  if (from < 0) return [];
  return stack
    .slice(from + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
}

function withoutPersons(message: string): string {
  return message.replace(/\nparams: [\s\S]*/, '').replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '[address]');
}

/** `ECONNREFUSED`, or PostgreSQL's `57P01`, which a query error keeps in its cause. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
