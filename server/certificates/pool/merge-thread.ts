import { parentPort } from 'node:worker_threads';
import { PDF } from '@libpdf/core';
import type { FromMerging, ToMerging } from './merge-documents.ts';

if (!parentPort) throw new Error('this is a thread of mergeDocuments');
const port = parentPort;
const merged = PDF.create();

// What fails here ends the thread, and whoever waits for its answer is told why.
port.on('message', (message: ToMerging) => void perform(message));

async function perform(message: ToMerging): Promise<void> {
  if (message.type === 'add') {
    const source = await PDF.load(message.document);
    const pages = Array.from({ length: source.getPageCount() }, (_, index) => index);
    // Without the fields of the signatures: they are not those of this file.
    await merged.copyPagesFrom(source, pages, { includeAnnotations: false });
    port.postMessage({ type: 'added' } satisfies FromMerging);
    return;
  }
  const pages = merged.getPageCount();
  // Bytes of their own, so that they can be handed over and are not copied.
  const file = pages === 0 ? new Uint8Array() : Uint8Array.from(await merged.save());
  port.postMessage({ type: 'merged', file, pages } satisfies FromMerging, [file.buffer]);
}
