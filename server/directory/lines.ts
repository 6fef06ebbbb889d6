import { isUtf8 } from 'node:buffer';

/** Hears of each line, in order; the first is number 1. */
export interface LineListener {
  /** A line without its end, in `bytes[from, to)`: only until it returns. Text that is not UTF-8 comes with `utf8` false. */
  line(bytes: Buffer, from: number, to: number, number: number, utf8: boolean): void;
  /** A line longer than the limit, of which nothing else is told. */
  tooLong(number: number): void;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** The last line, when nothing ends it. */
  end(): void;
}

const newline = 10;
const carriageReturn = 13;

/** Parts a stream of bytes into lines ended by LF or CRLF, holding never more than a line of `limit` bytes and its CR. */
export function splitLines(listener: LineListener, limit: number): LineSplitter {
  /** The beginning of a line whose end has not come yet; its last byte may be the CR of its end, which does not count. */
  const begun = Buffer.alloc(limit + 1);
  let begunLength = 0;
  let skipping = false;
  let number = 1;

  function tell(bytes: Buffer, from: number, to: number, utf8: boolean): void {
    const end = to > from && bytes[to - 1] === carriageReturn ? to - 1 : to;
    if (end - from > limit) listener.tooLong(number);
    else listener.line(bytes, from, end, number, utf8 || isUtf8(bytes.subarray(from, end)));
    number += 1;
  }

  function keep(piece: Buffer): void {
    if (skipping || begunLength + piece.length > begun.length) {
      skipping = true;
      return;
    }
    piece.copy(begun, begunLength);
    begunLength += piece.length;
  }

  function tellBegun(): void {
    if (skipping) {
      listener.tooLong(number);
      number += 1;
    } else tell(begun, 0, begunLength, false);
    skipping = false;
    begunLength = 0;
  }

  return {
    push(chunk) {
      let from = 0;
      if (skipping || begunLength > 0) {
        const end = chunk.indexOf(newline);
        keep(end < 0 ? chunk : chunk.subarray(0, end));
        if (end < 0) return;
        tellBegun();
        from = end + 1;
      }
      const last = chunk.lastIndexOf(newline);
      // Checked at once for all of them: each is checked only when one of them is wrong.
      const utf8 = last >= from && isUtf8(chunk.subarray(from, last));
      while (from <= last) {
        const end = chunk.indexOf(newline, from);
        tell(chunk, from, end, utf8);
        from = end + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
    end() {
      if (skipping || begunLength > 0) tellBegun();
    },
  };
}
