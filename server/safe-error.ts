/** What a failure may say in logs and in the queue, which keeps it for days: no parameters, no addresses. */
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
  const places = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  safe.stack = [`${safe.name}: ${safe.message}`, ...places].join('\n');
  const code = codeOf(error) ?? codeOf(error.cause);
  if (code !== undefined) safe.code = code;
  return safe;
}

function withoutPersons(message: string): string {
  return message.replace(/\nparams: [\s\S]*/, '').replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '[address]');
}

/** `ECONNREFUSED`, or PostgreSQL's `57P01`, which a query error keeps in its cause. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
