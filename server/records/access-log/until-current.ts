/** More than people and programs that reach one record at one moment. */
const most = 20;

/**
 * Runs a command that reads a record, decides, and writes with an entry of the access log at the place that follows the
 * one it read by (`asOf`). Whenever anybody else's entry came in between, nothing was written, and it is run again on
 * what they left: two doses recorded at one instant are judged one after the other.
 */
export async function untilCurrent<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries >= most || !isOvertaken(error)) throw error;
    }
  }
}

/** Whether the database undid a statement because of somebody else's (`log_access_after`). */
export function isOvertaken(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === '40001') return true;
  }
  return false;
}
