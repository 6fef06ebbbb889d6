/**
 * For `vi.waitFor`, whose own limit is one second: patience with other processes on a busy machine. What is waited for
 * is seen at once when it is there.
 */
export const eventually = { timeout: 40_000, interval: 10 };
