import { parentPort } from 'node:worker_threads';
import { loadTexts } from '../../texts.ts';
import { readPicture } from '../codes/read-picture.ts';
import { renderAttestation, renderSummary } from '../pdf/render-documents.ts';
import { signPdf } from '../pdf/sign-pdf.ts';
import type { FromThread, Task, ToThread } from './messages.ts';

if (!parentPort) throw new Error('this is a thread of the pool');
const port = parentPort;
const texts = loadTexts();
const tell = (message: FromThread) => port.postMessage(message);

/** The one signature that is waited for. */
let waiting: ((signature: Uint8Array | undefined) => void) | undefined;

port.on('message', (message: ToThread) => {
  if (message.type === 'signature') {
    waiting?.(message.signature);
    return;
  }
  perform(message.task).then(tell, (error: unknown) =>
    tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});

async function perform(task: Task): Promise<FromThread> {
  if (task.kind === 'picture') return { type: 'texts', texts: await readPicture(task.picture) };
  const rendered =
    task.kind === 'summary'
      ? await renderSummary(texts, task.data)
      : await renderAttestation(texts, task.data);
  const { certificate, chain, keyType, ...terms } = task.signing;
  const signer = { certificate, chain, keyType, sign };
  return { type: 'document', document: await signPdf(rendered, { ...terms, signer }) };
}

async function sign(data: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  waiting = resolve;
  tell({ type: 'sign', data });
  const signature = await promise;
  if (!signature) throw new Error('the signature was refused');
  return signature;
}
