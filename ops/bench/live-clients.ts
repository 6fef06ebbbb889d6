/**
 * The watchers of the live queue, in a process of their own. Receives where to connect, answers `ready` when each
 * has its snapshot, then the arrival time of every event at every client until told to stop.
 * Times are `process.hrtime`, which all processes of a machine share.
 */
import WebSocket from 'ws';

export interface Watch {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clients: number;
}

/** `<number>@<version>` of the case, and when each client had it, in milliseconds. */
export type Arrivals = Readonly<Record<string, readonly number[]>>;

const arrivals: Record<string, number[]> = {};
const sockets: WebSocket[] = [];

function watch({ url, headers, clients }: Watch): void {
  let ready = 0;
  for (let n = 0; n < clients; n += 1) {
    const socket = new WebSocket(url, { headers });
    sockets.push(socket);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'resume' })));
    socket.on('message', (data) => {
      const at = Number(process.hrtime.bigint()) / 1e6;
      const message = JSON.parse(data.toString()) as { type: string; number?: string; version?: number };
      if (message.type === 'snapshot') {
        ready += 1;
        if (ready === clients) process.send?.('ready');
      }
      if (message.type !== 'event') return;
      const key = `${message.number}@${message.version}`;
      const times = arrivals[key] ?? [];
      times.push(at);
      arrivals[key] = times;
    });
    socket.on('error', (error) => {
      throw error;
    });
  }
}

process.on('message', (message: Watch | 'stop') => {
  if (message !== 'stop') return watch(message);
  for (const socket of sockets) socket.terminate();
  process.send?.(arrivals, () => process.disconnect());
});
