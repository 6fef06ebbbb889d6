import { announceMessage } from '#server/follow-ups/announce-message.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Plans the mail that says that an agent wrote. */
export async function messageSent(
  { messageId }: Payload<'message-sent'>,
  context: JobContext,
): Promise<void> {
  const { db, clock, doorbell } = context;
  const planned = await announceMessage(db, { messageId, now: clock.now() });
  if (planned > 0) doorbell.ring();
}
