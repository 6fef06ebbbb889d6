/**
 * The load generator: a process of its own, so that the server's event loop serves requests and nothing else.
 * Receives one `Load`, sends back one `LoadResult`, and ends.
 */
import autocannon, { type Request, type Result } from 'autocannon';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Load {
  readonly origin: string;
  readonly connections: number;
  /** Each is made once. */
  readonly calls: readonly Call[];
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers outside 2xx, by status: a benchmark of refusals measures nothing. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Every call from an address of its own, as behind the proxy: rate limits count callers, not the benchmark. */
function addressOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}

async function run(load: Load): Promise<LoadResult> {
  let next = 0;
  const failures: Record<string, number> = {};
  const startedAt = process.hrtime.bigint();
  // autocannon itself ends on a whole second: the last answer is what counts.
  let lastAnswerAt = startedAt;
  const result = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: load.origin,
        connections: load.connections,
        amount: load.calls.length,
        requests: [
          {
            setupRequest(request: Request): Request {
              const index = next++ % load.calls.length;
              const call = load.calls[index];
              if (!call) throw new Error('no calls to make');
              const headers: Record<string, string> = {
                ...call.headers,
                'x-forwarded-for': addressOf(index),
              };
              if (call.body) headers['content-type'] = 'application/json';
              return {
                ...request,
                method: call.method,
                path: call.path,
                headers,
                ...(call.body && { body: JSON.stringify(call.body) }),
              };
            },
          },
        ],
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    instance.on('response', (_client, status) => {
      lastAnswerAt = process.hrtime.bigint();
      if (status < 200 || status > 299) failures[status] = (failures[status] ?? 0) + 1;
    });
  });
  const seconds = Number(lastAnswerAt - startedAt) / 1e9;
  if (result.errors > 0) failures.errors = result.errors;
  return {
    perSecond: load.calls.length / seconds,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failures,
  };
}

process.once('message', async (load: Load) => {
  process.send?.(await run(load), () => process.disconnect());
});
