import type { Database } from '../../database/client.ts';
import type { DoseRule } from '../rules/dose-rules/rule.ts';
import { type Act, type ActKind, getAct, listSameDose } from './find-act.ts';
import { type ActVersion, listVersions } from './list-versions.ts';
import { tellDoubles } from './shown-once.ts';

/**
 * One act as its own page and call show it: with its history and, of a dose that merged records hold twice, with the
 * finding that says so, on either side. Whoever shows it logs it.
 * @throws Problem 404 `no-such-act`.
 */
export async function readAct(
  db: Database,
  kind: ActKind,
  { patientId, itemId }: { readonly patientId: string; readonly itemId: string },
  rules: readonly DoseRule[],
): Promise<{ readonly act: Act; readonly history: readonly ActVersion[] }> {
  const found = await getAct(db, kind, patientId, itemId);
  const history = await listVersions(db, kind, itemId);
  if (found.kind === 'consultation') return { act: found, history };
  const doubles = new Map([[found.id, await listSameDose(db, found)]]);
  const [act = found] = tellDoubles([found], doubles, rules);
  return { act, history };
}
