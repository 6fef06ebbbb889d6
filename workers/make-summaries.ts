import { documentToolsOf } from '#server/records/documents/document-tools-of.ts';
import { runSummaryBatch } from '#server/records/documents/run-batch.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Makes what waits of a batch of summaries and their one file; killed anywhere, the next try goes on where it was. */
export async function makeSummaries(
  { batchId }: Payload<'make-summaries'>,
  context: JobContext,
): Promise<void> {
  const { clock, identity } = context;
  const rights = await identity.rights.current();
  const tools = await documentToolsOf(context);
  await runSummaryBatch({ ...tools, rights, now: () => clock.now() }, batchId);
}
