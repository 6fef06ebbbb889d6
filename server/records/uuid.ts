const pattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a part of an address can be the identifier of a record: what is not would be refused by the database. */
export function isUuid(text: string): boolean {
  return pattern.test(text);
}
