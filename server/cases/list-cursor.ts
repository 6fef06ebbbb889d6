import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Problem } from '../problem.ts';

/** The last row of a page: what the next one comes after, in the order of the list. */
export type Cursor =
  | { readonly order: 'newest'; readonly id: number }
  | {
      readonly order: 'queue';
      readonly returnedAt: string | null;
      readonly rank: number;
      readonly waitingSince: string;
      readonly id: number;
    };

const Id = Type.Integer({ minimum: 1 });
// A date that the database cannot take would fail there.
const Instant = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3,6}Z$' });
const CursorSchema = Type.Union([
  Type.Object({ order: Type.Literal('newest'), id: Id }),
  Type.Object({
    order: Type.Literal('queue'),
    returnedAt: Type.Union([Instant, Type.Null()]),
    rank: Type.Integer({ minimum: 0, maximum: 9 }),
    waitingSince: Instant,
    id: Id,
  }),
]);

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** @throws Problem 400 `invalid` for what `writeCursor` did not write in that order. */
export function readCursor<Order extends Cursor['order']>(
  text: string,
  order: Order,
): Extract<Cursor, { order: Order }> {
  const cursor = parse(text);
  if (!isOf(cursor, order)) {
    throw new Problem(400, 'invalid', {
      errors: [{ path: '/querystring/after', key: 'problems.fields.other' }],
    });
  }
  return cursor;
}

function parse(text: string): Cursor | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Value.Check(CursorSchema, value)) return undefined;
    const instants = value.order === 'queue' ? [value.returnedAt, value.waitingSince] : [];
    return instants.some((each) => each !== null && Number.isNaN(Date.parse(each))) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isOf<Order extends Cursor['order']>(
  cursor: Cursor | undefined,
  order: Order,
): cursor is Extract<Cursor, { order: Order }> {
  return cursor?.order === order;
}
