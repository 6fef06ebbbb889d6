import type { Dependencies } from '../../dependencies.ts';
import type { Professional } from '../../identity/professional.ts';
import { mayDo } from '../../identity/rights.ts';
import { accessOf } from '../access-log/access-of.ts';
import type { Entry } from './act-entry.ts';

/** Who asks, by which route, and what they may do now. */
export async function entryOf(
  request: Parameters<typeof accessOf>[0] & { readonly professional: Professional },
  { clock, identity }: Pick<Dependencies, 'clock' | 'identity'>,
): Promise<Entry> {
  const rules = await identity.rights.current();
  const now = clock.now();
  const { professional, route, requestId } = accessOf(request, '');
  return { professional, route, requestId, may: (right) => mayDo(professional, right, now, rules) };
}
