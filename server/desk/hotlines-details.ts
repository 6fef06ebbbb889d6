import { dayAfter, dayBefore } from '../routing/describe-hours.ts';
import { holidayCalendars } from '../routing/holidays.ts';
import type { HotlineDocument } from '../routing/hotline-document.ts';
import { type LineForm, typedDate } from './hotlines-form.ts';

/** What a line that is being added begins with. */
export const blankLine: HotlineDocument = {
  name: { fr: '', en: '' },
  phone: '',
  phoneE164: null,
  cost: { fr: '', en: '' },
  zone: 'Europe/Paris',
  holidayCalendar: 'metropole',
  validFrom: null,
  validTo: null,
  timetables: [],
  exceptions: [],
};

/** The fields by the paths of the document that they are about. */
const fieldByPath: Readonly<Record<string, string>> = {
  '/id': 'id',
  '/name/fr': 'nameFr',
  '/name/en': 'nameEn',
  '/phone': 'phone',
  '/phoneE164': 'phoneE164',
  '/cost/fr': 'costFr',
  '/cost/en': 'costEn',
  '/zone': 'zone',
  '/holidayCalendar': 'holidayCalendar',
  '/validFrom': 'validFrom',
  '/validTo': 'lastDay',
};

/** Names, number, price, zone, holidays, and from when to when the line exists. */
export const detailsForm: LineForm = {
  fields: Object.values(fieldByPath),
  fill: (document) => ({
    nameFr: document.name.fr,
    nameEn: document.name.en,
    phone: document.phone,
    phoneE164: document.phoneE164 ?? '',
    costFr: document.cost.fr,
    costEn: document.cost.en,
    zone: document.zone,
    holidayCalendar: document.holidayCalendar,
    validFrom: document.validFrom ?? '',
    lastDay: document.validTo === null ? '' : dayBefore(document.validTo),
  }),
  apply(document, _part, typed) {
    const text = (field: string) => typed[field] ?? '';
    const lastDay = typedDate(typed.lastDay);
    const calendar = holidayCalendars.find((each) => each === text('holidayCalendar'));
    return {
      document: {
        ...document,
        name: { fr: text('nameFr'), en: text('nameEn') },
        phone: text('phone'),
        phoneE164: text('phoneE164').trim() || null,
        cost: { fr: text('costFr'), en: text('costEn') },
        zone: text('zone'),
        holidayCalendar: calendar ?? document.holidayCalendar,
        validFrom: typedDate(typed.validFrom),
        validTo: lastDay && dayAfter(lastDay),
      },
      errors: calendar ? [] : [{ path: '/holidayCalendar', key: 'configuration.errors.calendar' }],
      from: typedDate(typed.validFrom),
    };
  },
  fieldOf: (path) => fieldByPath[path] ?? '',
};
