import { documentToolsOf } from '#server/records/documents/document-tools-of.ts';
import { renewDocuments } from '#server/records/documents/renew-documents.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Withdraws and issues anew what a change to a record made untrue; run again, it goes on where it was. */
export async function renewPatientDocuments(
  { patientId, changedBy }: Payload<'renew-documents'>,
  context: JobContext,
): Promise<void> {
  const { clock, log } = context;
  const tools = await documentToolsOf(context);
  const renewal = await renewDocuments(tools, { patientId, changedBy }, clock.now());
  if (renewal.withdrawn + renewal.issued > 0) log.info(renewal, 'documents renewed');
}
