import pg from 'pg';

/**
 * Says "there is news" to every server process, and nothing else: what the news is, each reads in the log.
 * Rings may be merged or lost; the slow poll of the hub repairs a lost one.
 */
export interface Doorbell {
  /** Announces a committed change. Never throws: a failed ring is reported and repaired by the poll. */
  ring(): void;
  /** Calls `listener` at every ring, this process's own included; returns what stops it. */
  onRing(listener: () => void): () => void;
  close(): Promise<void>;
}

const channel = 'aiguillage_news';

/** A doorbell heard in this process only: for tests and single-process use. */
export function localDoorbell(): Doorbell {
  const listeners = new Set<() => void>();
  return {
    ring: () => {
      for (const listener of listeners) listener();
    },
    onRing: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => listeners.clear(),
  };
}

/**
 * A doorbell over PostgreSQL's NOTIFY, sent on a connection of its own after the commit: inside the transaction
 * it would make every commit wait for the others. Rings during a NOTIFY under way are merged into the next one.
 */
export async function postgresDoorbell(
  url: string,
  options: { readonly onError: (error: Error) => void; readonly retryMs?: number },
): Promise<Doorbell> {
  const local = localDoorbell();
  let client: pg.Client | undefined;
  let closed = false;
  let sending = false;
  let wanted = false;
  let retry: NodeJS.Timeout | undefined;

  async function open(): Promise<void> {
    const opened = new pg.Client({ connectionString: url, keepAlive: true });
    opened.on('error', lost);
    opened.on('notification', (message) => {
      // The own process already heard its ring when it rang.
      if (message.payload !== ownName) local.ring();
    });
    await opened.connect();
    await opened.query(`listen ${channel}`);
    client = opened;
    // What happened while nobody listened is news too, and so is a ring that could not be sent.
    local.ring();
    void send();
  }

  function lost(error: Error): void {
    client = undefined;
    if (closed) return;
    options.onError(error);
    clearTimeout(retry);
    retry = setTimeout(() => open().catch(lost), options.retryMs ?? 1000);
    retry.unref();
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      while (wanted && client) {
        wanted = false;
        await client.query('select pg_notify($1, $2)', [channel, ownName]);
      }
    } catch (error) {
      options.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      sending = false;
    }
  }

  const ownName = crypto.randomUUID();
  await open();
  return {
    ring: () => {
      local.ring();
      wanted = true;
      void send();
    },
    onRing: local.onRing,
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await local.close();
      await client?.end();
    },
  };
}
