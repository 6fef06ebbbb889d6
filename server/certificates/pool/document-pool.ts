/**
 * Purpose: what takes long (rendering and signing documents, reading pictures) in threads, so that requests go on.
 * Entry points: `documentPool`.
 * May import: the documents, the codes, the signer.
 */
import { Worker } from 'node:worker_threads';
import type { AttestationData, SummaryData } from '../pdf/document-data.ts';
import type { SigningTerms } from '../pdf/sign-pdf.ts';
import type { Signer } from '../signer.ts';
import type { FromThread, Task, ToThread } from './messages.ts';

/** Too many wait already: the caller is asked to come back. */
export class PoolIsFull extends Error {}

/** Threads that render, sign and read. */
export interface DocumentPool {
  /** A signed summary. @throws PoolIsFull; Error when it cannot be rendered or signed. */
  summary(data: SummaryData, terms: SigningTerms): Promise<Uint8Array>;
  /** A signed attestation. Same errors. */
  attestation(data: AttestationData, terms: SigningTerms): Promise<Uint8Array>;
  /** The texts of the codes in a picture; see readPicture. Same errors. */
  picture(picture: Uint8Array): Promise<readonly string[]>;
  /** Ends the threads; what waits fails. */
  close(): Promise<void>;
}

interface Job {
  readonly task: Task;
  readonly signer?: Signer;
  readonly resolve: (done: FromThread) => void;
  readonly reject: (error: Error) => void;
}

/** A task that takes longer than this is stuck, on a hostile picture or an authority that does not answer. */
const timeoutMs = 30_000;

/**
 * Threads are started when there is work, at most `threads`; beyond `maxWaiting` tasks in line, more are refused. Pictures,
 * which anybody may send, have a line of their own, and wait for whatever is to be signed.
 */
export function documentPool(
  options: { readonly threads?: number; readonly maxWaiting?: number } = {},
): DocumentPool {
  const { threads = 1, maxWaiting = 200 } = options;
  const line: Job[] = [];
  const isPicture = ({ task }: Pick<Job, 'task'>) => task.kind === 'picture';
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let closed = false;

  function ask(task: Task, signer?: Signer): Promise<FromThread> {
    const sameKind = line.filter((each) => isPicture(each) === isPicture({ task }));
    if (closed || sameKind.length >= maxWaiting)
      return Promise.reject(new PoolIsFull('too many documents wait'));
    return new Promise((resolve, reject) => {
      line.push({ task, ...(signer && { signer }), resolve, reject });
      next();
    });
  }

  function next(): void {
    if (idle.length === 0 && all.size >= threads) return;
    const first = line.findIndex((each) => !isPicture(each));
    const [job] = line.splice(Math.max(first, 0), 1);
    if (!job) return;
    run(idle.pop() ?? start(), job);
  }

  function start(): Worker {
    const worker = new Worker(new URL('./thread.ts', import.meta.url));
    // An idle thread does not keep a process alive.
    worker.unref();
    all.add(worker);
    worker.on('exit', () => {
      all.delete(worker);
      const place = idle.indexOf(worker);
      if (place >= 0) idle.splice(place, 1);
    });
    return worker;
  }

  function run(worker: Worker, job: Job): void {
    const send = (message: ToThread) => worker.postMessage(message);
    worker.ref();
    const timer = setTimeout(() => finish(new Error('the document took too long')), timeoutMs);
    function finish(result: FromThread | Error, alive = false): void {
      clearTimeout(timer);
      worker.removeAllListeners('message').removeAllListeners('error');
      worker.unref();
      // Without a listener, an error of an idle thread would end the process.
      worker.on('error', () => {});
      if (alive) idle.push(worker);
      else {
        all.delete(worker);
        void worker.terminate();
      }
      if (result instanceof Error) job.reject(result);
      else if (result.type === 'failed') job.reject(new Error(result.reason));
      else job.resolve(result);
      next();
    }
    worker.on('error', (error) => finish(error instanceof Error ? error : new Error(String(error))));
    worker.on('message', (message: FromThread) => {
      if (message.type !== 'sign') {
        finish(message, true);
        return;
      }
      if (!job.signer) return;
      job.signer.sign(message.data).then(
        (signature) => send({ type: 'signature', signature }),
        () => send({ type: 'signature' }),
      );
    });
    send({ type: 'task', task: job.task });
  }

  async function document(
    kind: 'summary' | 'attestation',
    data: SummaryData | AttestationData,
    terms: SigningTerms,
  ) {
    const { signer, ...rest } = terms;
    const signing = {
      ...rest,
      certificate: signer.certificate,
      chain: signer.chain,
      keyType: signer.keyType,
    };
    // The kind and the data come from one call below, which the compiler no longer sees here.
    const done = await ask({ kind, data, signing } as Task, signer);
    if (done.type !== 'document') throw new Error('no document came back');
    return done.document;
  }

  return {
    summary: (data, terms) => document('summary', data, terms),
    attestation: (data, terms) => document('attestation', data, terms),
    async picture(picture) {
      const done = await ask({ kind: 'picture', picture });
      return done.type === 'texts' ? done.texts : [];
    },
    async close() {
      closed = true;
      for (const { reject } of line.splice(0)) reject(new PoolIsFull('the process is ending'));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
