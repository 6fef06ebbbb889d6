import type { Dependencies } from '../../dependencies.ts';
import type { Professional } from '../../identity/professional.ts';
import { mayDo } from '../../identity/rights.ts';
import { accessOf } from '../access-log/access-of.ts';
import type { Entry } from './act-entry.ts';
import type { ActKind } from './find-act.ts';

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

/** Whether whoever asks may record such acts, their own or somebody's who delegates: pages that lead there ask. */
export async function mayRecord(
  kind: ActKind,
  request: Parameters<typeof entryOf>[0],
  deps: Parameters<typeof entryOf>[1],
): Promise<boolean> {
  const { may } = await entryOf(request, deps);
  return 'allowed' in may(`${kind}.record`) || 'allowed' in may('entry.on_behalf');
}
