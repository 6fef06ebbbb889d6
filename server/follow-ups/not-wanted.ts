import type { CallbackState } from '../callbacks/callbacks.table.ts';
import type { CaseState } from '../cases/cases.table.ts';
import type { FollowUpKind } from './follow-ups.table.ts';

/** Why a planned mail is not sent after all. */
export type NotWanted =
  | 'case_merged'
  | 'case_closed'
  | 'consent_withdrawn'
  | 'no_address'
  | 'works_already'
  | 'callback_over'
  | 'callback_never_told';

/** The callback that a mail is about. */
export interface CallbackFacts {
  readonly state: CallbackState;
  /** Its time has come. */
  readonly begun: boolean;
  /** A mail announced it. */
  readonly told: boolean;
}

/** What the decision depends on, as it stands when the mail is about to go. */
export interface PresentFacts {
  readonly kind: FollowUpKind;
  readonly state: CaseState;
  readonly mergedInto: number | null;
  readonly consent: boolean;
  readonly email: string | null;
  /** The practitioner's last word is that it works now. */
  readonly confirmed: boolean;
  readonly callback?: CallbackFacts | undefined;
}

/** Why the mail must not go now, whatever was planned; undefined when it may. */
export function reasonNotToSend(facts: PresentFacts): NotWanted | undefined {
  if (facts.mergedInto !== null) return 'case_merged';
  if (facts.state === 'closed') return 'case_closed';
  if (!facts.consent) return 'consent_withdrawn';
  if (facts.email === null) return 'no_address';
  // What an agent wrote still waits to be read, even by somebody who is through.
  if (facts.confirmed && facts.kind !== 'message_from_desk') return 'works_already';
  return facts.callback && reasonNotToTell(facts.kind, facts.callback);
}

/**
 * What is told of a callback must still be true; that somebody cancelled it, only to whom it was announced. That nobody
 * will call is always told: whoever booked it knows of it from the page.
 */
function reasonNotToTell(kind: FollowUpKind, { state, begun, told }: CallbackFacts): NotWanted | undefined {
  if (kind === 'callback_cancelled') return told ? undefined : 'callback_never_told';
  if (kind === 'callback_withdrawn') return undefined;
  if (kind === 'callback_missed' && state === 'missed') return undefined;
  return state === 'booked' && !begun ? undefined : 'callback_over';
}
