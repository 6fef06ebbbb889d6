/**
 * Purpose: lines, rules and their effect as the API shows and takes them.
 * Entry points: `HotlineDocumentSchema`, `RuleSchema`, `ChangeSchema`, `PreviewDaySchema`, `EffectSchema`.
 * May import: server/routing, server/http's validation.
 */
import { Type } from 'typebox';
import { strictObject } from '../http/validation.ts';
import { holidayCalendars } from '../routing/holidays.ts';
import { modes, settings } from '../routing/practitioner-types.ts';

const Words = (description: string) =>
  strictObject({ fr: Type.String({ maxLength: 200 }), en: Type.String({ maxLength: 200 }) }, { description });
const DateOrNull = (description: string) =>
  Type.Union([Type.String({ maxLength: 10 }), Type.Null()], { description });
const Period = {
  validFrom: DateOrNull('First date, in the line’s zone; null: since always'),
  validTo: DateOrNull('First date on which it no longer holds; null: until further notice'),
};
const Time = (description: string) => Type.String({ maxLength: 5, description });
const Interval = { opensAt: Time('`HH:MM`'), closesAt: Time('`HH:MM`, up to 24:00') };

/** All that is configured of a line, without its id. */
export const documentProperties = {
  name: Words('Name'),
  phone: Type.String({ maxLength: 30, description: 'As read and dialled from France' }),
  phoneE164: Type.Union([Type.String({ maxLength: 30 }), Type.Null()], {
    description: 'Only where the line answers from abroad',
  }),
  cost: Words('Price of a call'),
  zone: Type.String({ maxLength: 64, description: 'IANA zone on whose wall clock hours are read' }),
  holidayCalendar: Type.Enum(holidayCalendars),
  ...Period,
  timetables: Type.Array(
    strictObject({
      ...Period,
      holidays: Type.Enum(['open', 'closed']),
      weekly: Type.Array(strictObject({ weekday: Type.Integer({ minimum: 1, maximum: 7 }), ...Interval }), {
        maxItems: 100,
        description: 'A weekday (1 is Monday) without any is closed',
      }),
    }),
    { maxItems: 100, description: 'The week over a period; on a date that none covers hours are unknown' },
  ),
  exceptions: Type.Array(
    strictObject({
      day: Type.String({ maxLength: 10 }),
      intervals: Type.Array(strictObject(Interval), { maxItems: 20, description: 'None: closed all day' }),
      note: Words('Why, told to callers'),
    }),
    { maxItems: 1000 },
  ),
};

export const IdSchema = Type.String({ maxLength: 40, description: 'Lower-case letters, digits, hyphens' });
export const VersionSchema = Type.Integer({
  minimum: 0,
  maximum: 2_147_483_647,
  description: 'Of what was read; another one now is refused (409)',
});

export const ConfiguredHotlineSchema = Type.Object(
  { id: IdSchema, version: VersionSchema, ...documentProperties },
  { title: 'ConfiguredHotline' },
);

export const RuleSchema = strictObject(
  {
    setting: Type.Union([Type.Enum(settings), Type.Null()], { description: 'Null: any' }),
    mode: Type.Union([Type.Enum(modes), Type.Null()], { description: 'Null: any' }),
    profession: Type.Union([Type.String({ minLength: 1, maxLength: 20 }), Type.Null()], {
      description: 'Null: any',
    }),
    hotline: IdSchema,
    origin: Type.Enum(['notice', 'default'], { description: 'An official instruction, or our choice' }),
    ...Period,
  },
  { title: 'RoutingRule' },
);

export const RulesSchema = Type.Array(RuleSchema, {
  minItems: 1,
  maxItems: 60,
  description: 'In the order in which they are tried; the first whose criteria all hold decides',
});

export const PreviewDaySchema = Type.Object(
  {
    date: Type.String(),
    state: Type.Enum(['open', 'closed', 'unknown']),
    open: Type.Array(Type.Object(Interval)),
    holiday: Type.Optional(Type.String()),
    clocks: Type.Optional(Type.Enum(['forward', 'back'])),
    words: Type.String({ description: 'The day in the request’s language' }),
  },
  { title: 'PreviewDay' },
);

export const ChangeSchema = Type.Object(
  {
    version: Type.Integer(),
    at: Type.String({ format: 'date-time' }),
    by: Type.String(),
    facts: Type.Array(
      Type.Object({
        label: Type.String(),
        before: Type.Optional(Type.String()),
        after: Type.Optional(Type.String()),
      }),
    ),
  },
  { title: 'ConfigurationChange' },
);

const Line = Type.Union([Type.String(), Type.Null()], {
  description: 'Null: something is asked first, or nobody answers',
});

export const EffectSchema = Type.Object(
  {
    cases: Type.Integer({ description: 'How many of the last cases were compared' }),
    comparisons: Type.Array(
      Type.Object({
        at: Type.String({ format: 'date-time', description: 'From when on' }),
        moved: Type.Array(
          Type.Object({
            from: Line,
            to: Line,
            count: Type.Integer(),
            examples: Type.Array(Type.String(), { description: 'Numbers of cases' }),
          }),
        ),
        unchanged: Type.Integer(),
      }),
    ),
    holes: Type.Array(
      Type.Object({
        setting: Type.String(),
        mode: Type.String(),
        profession: Type.Optional(Type.String()),
        from: Type.String({ format: 'date-time' }),
        until: Type.Optional(Type.String({ format: 'date-time' })),
      }),
      { description: 'Whom no rule would lead to a line: with any, saving is refused' },
    ),
  },
  { title: 'RoutingEffect' },
);
