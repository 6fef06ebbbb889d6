import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export type ToMerging = { readonly type: 'add'; readonly document: Uint8Array } | { readonly type: 'finish' };
export type FromMerging =
  | { readonly type: 'added' }
  | { readonly type: 'merged'; readonly file: Uint8Array; readonly pages: number };

/**
 * All pages of some PDFs in one file to be printed, in their order; neither signed nor tagged, since the library copies pages
 * without the structure that screen readers go by. It is made in a thread of its own, which ends with it: the caller's goes on,
 * and holds one document at a time.
 * @returns undefined of no pages.
 * @throws Error when one is no PDF.
 */
export async function mergeDocuments(
  documents: AsyncIterable<Uint8Array>,
): Promise<{ readonly file: Uint8Array; readonly pages: number } | undefined> {
  const thread = new Worker(new URL('./merge-thread.ts', import.meta.url));
  const ask = async (message: ToMerging): Promise<FromMerging> => {
    // An error of the thread refuses what is waited for.
    const answered = once(thread, 'message');
    thread.postMessage(message);
    const [answer] = await answered;
    // What merge-thread.ts posts is of this type.
    return answer as FromMerging;
  };
  try {
    for await (const document of documents) await ask({ type: 'add', document });
    const done = await ask({ type: 'finish' });
    return done.type === 'merged' && done.pages > 0 ? done : undefined;
  } finally {
    await thread.terminate();
  }
}
