/** What a dose rule has to say of an injection: shown as a warning, never a refusal by itself. */
export interface Finding {
  /** Key of the rule; its words are texts. */
  readonly rule: string;
  readonly severity: 'info' | 'warning' | 'serious';
  /** What the rule's words name: days, dates, vaccines. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Where the rule comes from. */
  readonly source: string;
  /** YYYY-MM-DD, between which the rule holds; null: without end. */
  readonly validFrom: string;
  readonly validTo: string | null;
}
