/** What the hub does by the clock, handed in so that tests need not wait. Returned functions cancel. */
export interface Timers {
  every(milliseconds: number, task: () => void): () => void;
  after(milliseconds: number, task: () => void): () => void;
}

/** The machine's timers; none of them keeps the process alive. */
export const systemTimers: Timers = {
  every(milliseconds, task) {
    const timer = setInterval(task, milliseconds).unref();
    return () => clearInterval(timer);
  },
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};
