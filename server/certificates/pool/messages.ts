import type { AttestationData, SummaryData } from '../pdf/document-data.ts';

/** What a thread is asked to do. */
export type Task =
  | { readonly kind: 'summary'; readonly data: SummaryData; readonly signing: Signing }
  | { readonly kind: 'attestation'; readonly data: AttestationData; readonly signing: Signing }
  | { readonly kind: 'picture'; readonly picture: Uint8Array };

/** Everything of a signature but the key, which stays where it is: the thread asks for signatures. */
export interface Signing {
  readonly certificate: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly keyType: 'EC' | 'RSA';
  readonly at: Date;
  readonly reason: string;
  readonly timestampUrl?: string;
}

export type ToThread =
  | { readonly type: 'task'; readonly task: Task }
  | { readonly type: 'signature'; readonly signature?: Uint8Array };

export type FromThread =
  | { readonly type: 'sign'; readonly data: Uint8Array }
  | { readonly type: 'document'; readonly document: Uint8Array }
  | { readonly type: 'texts'; readonly texts: readonly string[] }
  | { readonly type: 'failed'; readonly reason: string };
