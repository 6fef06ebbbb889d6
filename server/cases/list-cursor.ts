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

// What the database cannot take would fail there.
const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Instant = Type.String({ pattern: '^2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3,6}Z$' });
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
    return instants.every((each) => each === null || isOnTheCalendar(each)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the day and hour exist: JavaScript takes 30 February for 2 March, the database does not. */
function isOnTheCalendar(instant: string): boolean {
  const date = new Date(instant);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === instant.slice(0, 19);
}

function isOf<Order extends Cursor['order']>(
  cursor: Cursor | undefined,
  order: Order,
): cursor is Extract<Cursor, { order: Order }> {
  return cursor?.order === order;
}
