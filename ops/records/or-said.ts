import { safeError } from '#server/safe-error.ts';

/**
 * Runs a command that takes these options and no other, and gives its exit code; a wrong option, or what it throws, is
 * told in words that name nobody, and is 1.
 */
export async function orSaid(
  usage: string,
  known: readonly string[],
  run: (options: readonly string[]) => Promise<number>,
): Promise<number> {
  const options = process.argv.slice(2);
  const unknown = options.find((option) => !known.includes(option));
  if (unknown !== undefined) {
    console.error(`${unknown} is none of its options.\nUsage: ${usage}`);
    return 1;
  }
  try {
    return await run(options);
  } catch (error) {
    // A failed query's own message is its text; why it failed is its cause, which may have a code and no words.
    const failedQuery = error instanceof Error && error.message.startsWith('Failed query');
    const { message, code } = safeError(failedQuery ? error.cause : error);
    console.error(`It could not be done: ${[message, code].filter(Boolean).join(' ')}`);
    return 1;
  }
}
