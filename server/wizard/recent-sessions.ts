import type { WizardSession } from './sessions.ts';

/** Some ten megabytes at most. */
const capacity = 10_000;

const sessions = new Map<string, WizardSession>();

/**
 * Keeps the session as this process has just stored it, so that its next answer need not read it first. A guess and no
 * more: another process may have changed it since, which is noticed by its version.
 */
export function remember(session: WizardSession): void {
  sessions.delete(session.id);
  sessions.set(session.id, session);
  if (sessions.size <= capacity) return;
  // A map keeps the order of insertion: the first is the one stored longest ago.
  const [oldest] = sessions.keys();
  if (oldest !== undefined) sessions.delete(oldest);
}

/** The session as this process last stored it, if it still knows. */
export function recall(id: string): WizardSession | undefined {
  return sessions.get(id);
}
