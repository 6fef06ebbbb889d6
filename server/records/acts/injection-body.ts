import { type Static, Type } from 'typebox';
import { strictObject } from '../../http/validation.ts';
import { PlaceBody } from './act-place.ts';
import { arms, routes } from './acts.table.ts';

/** What every act is entered with. */
export const actFields = {
  occurredAt: Type.String({ format: 'date-time', description: 'When it took place, with its offset' }),
  place: PlaceBody,
  performedBy: Type.Optional(
    Type.String({
      maxLength: 60,
      description:
        'National identifier of the professional who performed it; another than oneself needs their delegation',
    }),
  ),
};

const date = Type.String({ format: 'date' });
const rank = Type.Integer({ minimum: 1, maximum: 99 });

const injectionFields = {
  ...actFields,
  consultationId: Type.Optional(Type.String({ format: 'uuid' })),
  vaccine: Type.Optional(
    Type.String({ maxLength: 60, description: 'Key of the dated list; may come from `scan`' }),
  ),
  lot: Type.Optional(Type.String({ maxLength: 20, description: 'May come from `scan`' })),
  lotExpiry: Type.Optional(date),
  gtin: Type.Optional(Type.String({ pattern: '^[0-9]{8,14}$' })),
  serial: Type.Optional(Type.String({ maxLength: 20 })),
  scan: Type.Optional(
    Type.String({
      maxLength: 2400,
      description: 'GS1 DataMatrix as a keyboard scanner types it: gives GTIN, lot, expiry and serial number',
    }),
  ),
  arm: Type.Optional(Type.Enum([...arms])),
  site: Type.Optional(Type.String({ maxLength: 100, description: 'Another site of the body than an arm' })),
  route: Type.Enum([...routes]),
  doseVolume: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,2}([.][0-9]{1,3})?$', description: 'Millilitres: `0.3`' }),
  ),
  doseRank: rank,
  doseTotal: Type.Integer({
    minimum: 1,
    maximum: 99,
    description: 'Doses expected; a rank above it is legal (3/2)',
  }),
};

/** How one insists on an injection of which the rules warn. */
export const insistence = {
  overrideReason: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 1000,
      pattern: '\\S',
      description: 'Why it is recorded in spite of what the dose rules say, or of an expired lot',
    }),
  ),
  notADuplicate: Type.Optional(
    Type.Boolean({
      description: 'Two doses of the same vaccine were given that day; needs `overrideReason`',
    }),
  ),
};

export const InjectionBody = strictObject({ ...injectionFields, ...insistence }, { title: 'NewInjection' });
export type InjectionInput = Static<typeof InjectionBody>;

export const reasonField = Type.String({ minLength: 3, maxLength: 1000, pattern: '\\S' });

/** Fields that are to be emptied are given as null. */
export const InjectionCorrection = strictObject(
  {
    occurredAt: Type.Optional(actFields.occurredAt),
    place: Type.Optional(PlaceBody),
    consultationId: Type.Optional(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])),
    vaccine: injectionFields.vaccine,
    lot: injectionFields.lot,
    lotExpiry: Type.Optional(Type.Union([date, Type.Null()])),
    gtin: Type.Optional(Type.Union([Type.String({ pattern: '^[0-9]{8,14}$' }), Type.Null()])),
    serial: Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Null()])),
    arm: Type.Optional(Type.Union([Type.Enum([...arms]), Type.Null()])),
    site: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
    route: Type.Optional(injectionFields.route),
    doseVolume: Type.Optional(
      Type.Union([Type.String({ pattern: '^[0-9]{1,2}([.][0-9]{1,3})?$' }), Type.Null()]),
    ),
    doseRank: Type.Optional(rank),
    doseTotal: Type.Optional(injectionFields.doseTotal),
    ...insistence,
    reason: reasonField,
  },
  { title: 'InjectionCorrection' },
);
export type InjectionCorrectionInput = Static<typeof InjectionCorrection>;
