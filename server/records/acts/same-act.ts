/** Whether the database refused because the same patient, vaccine and day stands already. */
export function isSameAct(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('constraint' in cause && cause.constraint === 'injections_same_act') return true;
  }
  return false;
}
