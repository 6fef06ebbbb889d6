import type { CaseState } from '../cases/cases.table.ts';
import type { FollowUpKind } from './follow-ups.table.ts';

/** Why a planned mail is not sent after all. */
export type NotWanted = 'case_merged' | 'case_closed' | 'consent_withdrawn' | 'no_address' | 'works_already';

/** What the decision depends on, as it stands when the mail is about to go. */
export interface PresentFacts {
  readonly kind: FollowUpKind;
  readonly state: CaseState;
  readonly mergedInto: number | null;
  readonly consent: boolean;
  readonly email: string | null;
  /** The practitioner's last word is that it works now. */
  readonly confirmed: boolean;
}

/** Why the mail must not go now, whatever was planned; undefined when it may. */
export function reasonNotToSend(facts: PresentFacts): NotWanted | undefined {
  if (facts.mergedInto !== null) return 'case_merged';
  if (facts.state === 'closed') return 'case_closed';
  if (!facts.consent) return 'consent_withdrawn';
  if (facts.email === null) return 'no_address';
  // What an agent wrote still waits to be read, even by somebody who is through.
  if (facts.confirmed && facts.kind !== 'message_from_desk') return 'works_already';
  return undefined;
}
