/** Some files, and where they may go. A domain has up to two rooms: what it is, and its routes and pages, which only other pages may enter. */
export interface Room {
  readonly name: string;
  /** Paths from the project's root. */
  readonly files: RegExp;
  /** Names of rooms. */
  readonly mayEnter: readonly string[];
}
