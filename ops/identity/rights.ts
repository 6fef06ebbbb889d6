/**
 * `npm run rights -- list [--right RIGHT] [--all]`: who may do what, now or ever.
 * `npm run rights -- grant RIGHT --profession CODE|any|none [--category C|M|E] [--mode L|S|B] [--by-delegation] [--from DAY] [--to DAY]`
 * `npm run rights -- end ID [--at DAY]`: ID as listed.
 * Days are those of Europe/Paris, from their first instant; without one, it is now. `--dry-run` shows what would change. Of
 * the database of `DATABASE_URL`, or of `npm start`. Ends with 0 when it did what was asked, 1 when it could not.
 */
import { parseArgs } from 'node:util';
import { Temporal } from 'temporal-polyfill';
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect, type Database } from '#server/database/client.ts';
import {
  endRight,
  grantRight,
  type NewRight,
  RightNotEdited,
  type StoredRight,
} from '#server/identity/edit-rights.ts';
import { professionalRights } from '#server/identity/rights.table.ts';
import { type Right, rights } from '#server/identity/rights.ts';
import { orExit } from '#server/process.ts';
import { noProfession, professions } from '#server/routing/practitioner-types.ts';
import { openTargetDatabase } from '../directory/target-database.ts';

const usage =
  'Usage: npm run rights -- list | grant RIGHT --profession CODE | end ID   (ops/identity/rights.ts says all of it)';

await orExit(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      right: { type: 'string' },
      all: { type: 'boolean', default: false },
      profession: { type: 'string' },
      category: { type: 'string' },
      mode: { type: 'string' },
      'by-delegation': { type: 'boolean', default: false },
      from: { type: 'string' },
      to: { type: 'string' },
      at: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const [command, named, ...others] = positionals;
  if (others.length > 0) throw new Error(`${others[0]} is one word too many.\n${usage}`);
  const now = systemClock.now();
  const run = commandOf();
  const target = await openTargetDatabase(readConfig(process.env));
  try {
    const { db, close } = connect(target.url, { onIdleError: () => {} });
    try {
      await run(db);
    } finally {
      await close();
    }
  } finally {
    await target.close();
  }

  /** What is asked for, its codes checked before any database is looked at. */
  function commandOf(): (db: Database) => Promise<void> {
    if (command === 'list') {
      const right = values.right === undefined ? undefined : oneOf(rights, values.right, 'right');
      return async (db) => list(db, right, values.all ? undefined : now);
    }
    if (command === 'grant') {
      const rule = readRule(named);
      return async (db) =>
        change(db, values['dry-run'], async (tx) => ['Granted', await grantRight(tx, rule)]);
    }
    if (command === 'end' && named !== undefined) {
      const at = dayOf(values.at) ?? now;
      return async (db) => {
        const row = await rowNamed(db, named);
        await change(db, values['dry-run'], async (tx) => {
          const ended = await endRight(tx, { id: row.id, at }, now);
          return ended ? ['Ended', ended] : ['Removed, for it never began', row];
        });
      };
    }
    throw new Error(usage);
  }

  function readRule(right: string | undefined): NewRight {
    const validFrom = dayOf(values.from) ?? now;
    const validTo = dayOf(values.to) ?? null;
    if (validTo !== null && validTo <= validFrom) throw new Error('--to comes after --from');
    const codes = [...professions.map(({ code }) => code), 'any', noProfession];
    return {
      right: oneOf(rights, right, 'right'),
      profession: oneOf(codes, values.profession, '--profession'),
      category:
        values.category === undefined ? null : oneOf(['C', 'M', 'E'] as const, values.category, '--category'),
      mode: values.mode === undefined ? null : oneOf(['L', 'S', 'B'] as const, values.mode, '--mode'),
      byDelegation: values['by-delegation'],
      validFrom,
      validTo,
    };
  }
});

/** Rows of a right, or of all, in force at that instant, or ever. */
async function list(db: Database, right: Right | undefined, at: Date | undefined): Promise<void> {
  const rows = (await db.select().from(professionalRights)).filter(
    (row) =>
      (right === undefined || row.right === right) &&
      (at === undefined || (row.validFrom <= at && (row.validTo === null || at < row.validTo))),
  );
  const order = (row: StoredRight) => [rights.indexOf(row.right) + 10, row.profession, line(row)].join(' ');
  for (const row of rows.sort((a, b) => order(a).localeCompare(order(b)))) console.log(line(row));
  console.log(`${rows.length} ${at === undefined ? 'in all' : 'in force'}`);
}

/** Makes a change and shows it; with `dryRun`, takes it back. */
async function change(
  db: Database,
  dryRun: boolean,
  make: (tx: Database) => Promise<readonly [string, StoredRight]>,
): Promise<void> {
  const takenBack = new Error('taken back');
  try {
    await db.transaction(async (tx) => {
      const [done, row] = await make(tx);
      console.log(`${done}: ${line(row)}`);
      if (dryRun) throw takenBack;
    });
    console.log('Every server uses it within ten seconds.');
  } catch (error) {
    if (error === takenBack)
      return console.log('Nothing was changed: this is what would be without --dry-run.');
    if (!(error instanceof RightNotEdited)) throw error;
    const words = {
      overlap: 'They hold it already in that period. End this one first, or choose another period:',
      unknown: 'There is no such row.',
      over: 'It has ended by then already:',
      past: 'What was held before now stays held; end it now or later:',
    };
    throw new Error([words[error.why], error.row && line(error.row)].filter(Boolean).join(' '), {
      cause: error,
    });
  }
}

/** @throws Error unless exactly one row's id begins so. */
async function rowNamed(db: Database, start: string): Promise<StoredRight> {
  const rows = (await db.select().from(professionalRights)).filter(({ id }) => id.startsWith(start));
  const [row] = rows;
  if (!row || rows.length > 1)
    throw new Error(`${rows.length} rows have an identifier that begins with ${start}`);
  return row;
}

function line(row: StoredRight): string {
  const { right, profession, category, mode, byDelegation, origin, validFrom, validTo } = row;
  const who = [`profession ${profession}`, category && `category ${category}`, mode && `mode ${mode}`];
  const how = byDelegation ? ' by delegation only' : '';
  const until = validTo === null ? '' : ` to ${moment(validTo)}`;
  return `${row.id.slice(0, 8)}  ${right}  ${who.filter(Boolean).join(', ')}${how}, from ${moment(validFrom)}${until} (${origin})`;
}

/** As Paris's clocks show it; a day's first instant is the day. */
function moment(at: Date): string {
  const shown = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO('Europe/Paris');
  const time = shown.toPlainTime().toString({ smallestUnit: 'minute' });
  return time === '00:00' ? shown.toPlainDate().toString() : `${shown.toPlainDate()} ${time}`;
}

/** The first instant of a day in Paris. @throws Error for what is no day. */
function dayOf(typed: string | undefined): Date | undefined {
  if (typed === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(typed)) throw new Error(`${typed} is no day: YYYY-MM-DD`);
  try {
    return new Date(Temporal.PlainDate.from(typed).toZonedDateTime('Europe/Paris').epochMilliseconds);
  } catch {
    throw new Error(`${typed} is no day of the calendar`);
  }
}

function oneOf<Value extends string>(list: readonly Value[], typed: string | undefined, what: string): Value {
  const found = list.find((each) => each === typed);
  if (found === undefined) throw new Error(`${what} is one of: ${list.join(', ')}`);
  return found;
}
