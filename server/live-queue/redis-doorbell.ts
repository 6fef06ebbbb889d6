import { Redis } from 'ioredis';
import { type Doorbell, localDoorbell } from './doorbell.ts';

const channel = 'aiguillage:news';

/**
 * A doorbell over Redis pub/sub. Returns at once: while Redis is away, rings are heard in this process only, one
 * is sent when Redis is back, and the listeners are rung too, since news may have been missed.
 */
export function redisDoorbell(
  url: string,
  options: { readonly onError: (error: Error) => void; readonly longestRetryMs?: number },
): Doorbell {
  const { onError, longestRetryMs = 5000 } = options;
  const local = localDoorbell();
  const ownName = crypto.randomUUID();
  const settings = {
    retryStrategy: (times: number) => Math.min(100 * 2 ** times, longestRetryMs),
    // A ring that cannot be sent now is not queued: one is sent once the connection is ready.
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    autoResubscribe: false,
  };
  const listener = new Redis(url, settings);
  const sender = new Redis(url, settings);
  let wanted = false;
  let sending = false;
  let closed = false;

  const fail = (error: unknown) => {
    if (!closed) onError(error instanceof Error ? error : new Error(String(error)));
  };
  listener.on('error', fail);
  sender.on('error', fail);
  listener.on('ready', () => {
    // What happened while nobody listened is news too.
    listener.subscribe(channel).then(local.ring, fail);
  });
  listener.on('message', (_channel, from: string) => {
    // The own process already heard its ring when it rang.
    if (from !== ownName) local.ring();
  });
  sender.on('ready', () => void send());

  /** Rings during a sending under way are merged into the next one. */
  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      while (wanted && sender.status === 'ready') {
        wanted = false;
        await sender.publish(channel, ownName);
      }
    } catch (error) {
      // Sent again as soon as the connection is ready again.
      wanted = true;
      fail(error);
    } finally {
      sending = false;
    }
  }

  return {
    ring: () => {
      local.ring();
      wanted = true;
      void send();
    },
    onRing: local.onRing,
    close: async () => {
      closed = true;
      await local.close();
      listener.disconnect();
      sender.disconnect();
    },
  };
}
