import type { FieldProblem } from '../../problem.ts';
import { arms, consents, decisions, placeKinds, routes } from './acts.table.ts';
import { readRepresentative } from './check-consultation.ts';
import type { ConsultationInput } from './consultation-body.ts';
import type { Draft } from './draft.ts';
import type { Act, Consultation, Injection } from './find-act.ts';
import type { InjectionInput } from './injection-body.ts';
import { fromWall, onWall, zoneOfFiness } from './place-zone.ts';

const common = ['date', 'time', 'zone', 'performedBy', 'placeKind', 'finess', 'placeName'] as const;

export const injectionFields = [
  ...common,
  'scan',
  'vaccine',
  'lot',
  'lotExpiry',
  'gtin',
  'serial',
  'arm',
  'site',
  'route',
  'doseVolume',
  'doseRank',
  'doseTotal',
  'consultationId',
  'overrideReason',
  'notADuplicate',
  'reason',
] as const;

export const consultationFields = [
  ...common,
  'pastInfection',
  'pastInfectionDate',
  'allergies',
  'contraindications',
  'pregnancy',
  'treatments',
  'fever',
  'consent',
  'representativeName',
  'representativeCapacity',
  'decision',
  'deferredUntil',
  'comment',
  'reason',
] as const;

/** What a form holds, as typed; what is not filled in is empty. */
export type FormValues = Readonly<Record<string, string>>;

export type FormReading<Body> = { readonly body: Body } | { readonly errors: readonly FieldProblem[] };

/** A form's field by the last part of a path in the API's body, where they are not the same. */
const fieldOfPathEnd: Readonly<Record<string, string>> = {
  occurredAt: 'date',
  kind: 'placeKind',
  name: 'representativeName',
  capacity: 'representativeCapacity',
};

/** Which field of the forms a fault in the API's body is about. */
export function fieldOfPath(path: string): string {
  const end = path.slice(path.lastIndexOf('/') + 1);
  if (path === '/place/name') return 'placeName';
  return fieldOfPathEnd[end] ?? end;
}

/** The injection form as the API's body: both pass the same checks afterwards. */
export function toInjection(values: FormValues): FormReading<InjectionInput> {
  const errors: FieldProblem[] = [];
  const act = readCommon(values, errors);
  const route = chosen(routes, values.route, '/route', errors);
  const arm = values.arm ? chosen(arms, values.arm, '/arm', errors) : undefined;
  const doseRank = whole(values.doseRank, '/doseRank', errors);
  const doseTotal = whole(values.doseTotal, '/doseTotal', errors);
  const doseVolume = text(values.doseVolume)?.replace(',', '.');
  if (doseVolume !== undefined && !/^[0-9]{1,2}([.][0-9]{1,3})?$/.test(doseVolume)) {
    errors.push({ path: '/doseVolume', key: 'records-acts.errors.volume' });
  }
  const lotExpiry = day(values.lotExpiry, '/lotExpiry', errors);
  const gtin = text(values.gtin);
  if (gtin !== undefined && !/^\d{8,14}$/.test(gtin)) {
    errors.push({ path: '/gtin', key: 'problems.fields.pattern' });
  }
  const overrideReason = reason(values.overrideReason, '/overrideReason', errors);
  if (!act || !route || doseRank === undefined || doseTotal === undefined || errors.length > 0)
    return { errors };
  return {
    body: given({
      ...act,
      consultationId: text(values.consultationId),
      vaccine: text(values.vaccine),
      lot: text(values.lot),
      lotExpiry,
      gtin,
      serial: text(values.serial),
      scan: text(values.scan),
      arm,
      site: text(values.site),
      route,
      doseVolume,
      doseRank,
      doseTotal,
      overrideReason,
      notADuplicate: values.notADuplicate === 'yes' ? true : undefined,
    }) as InjectionInput,
  };
}

/** The consultation form as the API's body. */
export function toConsultation(values: FormValues): FormReading<ConsultationInput> {
  const errors: FieldProblem[] = [];
  const act = readCommon(values, errors);
  const consent = chosen(consents, values.consent, '/consent', errors);
  const decision = chosen(decisions, values.decision, '/decision', errors);
  const deferredUntil =
    decision === 'deferred' ? day(values.deferredUntil, '/deferredUntil', errors) : undefined;
  const pastInfectionDate = day(values.pastInfectionDate, '/questionnaire/pastInfectionDate', errors);
  if (!act || !consent || !decision || errors.length > 0) return { errors };
  return {
    body: given({
      ...act,
      questionnaire: given({
        pastInfection: yesOrNo(values.pastInfection),
        pastInfectionDate,
        allergies: text(values.allergies),
        contraindications: text(values.contraindications),
        pregnancy: yesOrNo(values.pregnancy),
        treatments: text(values.treatments),
        fever: yesOrNo(values.fever),
      }),
      consent,
      representative:
        consent === 'representative'
          ? { name: values.representativeName ?? '', capacity: values.representativeCapacity ?? '' }
          : undefined,
      decision,
      deferredUntil,
      comment: text(values.comment),
    }) as ConsultationInput,
  };
}

/** A draft as the form shows it, with the source of each field. */
export function fromDraft({ fields }: Draft): {
  readonly values: FormValues;
  readonly sources: Readonly<Record<string, string>>;
} {
  const values: Record<string, string> = {};
  const sources: Record<string, string> = {};
  for (const [path, { value, from }] of Object.entries(fields)) {
    if (path === 'occurredAt') continue;
    const field = fieldOfPath(`/${path.replaceAll('.', '/')}`);
    values[field] = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    sources[field] = from;
  }
  const zone = zoneOfFiness(values.finess);
  return {
    values: { ...values, ...onWall(zone, new Date(String(fields.occurredAt?.value))), zone },
    sources: { ...sources, date: 'clock', time: 'clock' },
  };
}

/** An act that stands, as the form for its correction shows it. */
export function fromAct(act: Act): FormValues {
  const zone = zoneOfFiness(act.placeFiness);
  const shared = {
    ...onWall(zone, act.occurredAt),
    zone,
    performedBy: act.performedBy.nationalIdentifier,
    placeKind: act.placeKind,
    finess: act.placeFiness ?? '',
    placeName: act.placeName ?? '',
  };
  return { ...shared, ...(act.kind === 'injection' ? ofInjection(act) : ofConsultation(act)) };
}

function ofInjection(act: Injection): FormValues {
  const { vaccine, lot, lotExpiry, gtin, serial, arm, site, route, doseVolume, consultationId } = act;
  const optional = { lotExpiry, gtin, serial, arm, site, doseVolume, consultationId };
  return {
    vaccine,
    lot,
    route,
    ...Object.fromEntries(Object.entries(optional).map(([name, value]) => [name, value ?? ''])),
    doseRank: String(act.doseRank),
    doseTotal: String(act.doseTotal),
    overrideReason: act.overrideReason ?? '',
    notADuplicate: act.notADuplicate ? 'yes' : '',
  };
}

function ofConsultation(act: Consultation): FormValues {
  const answers = Object.entries(act.questionnaire).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? (value ? 'yes' : 'no') : (value ?? ''),
  ]);
  const representative = readRepresentative(act);
  return {
    ...Object.fromEntries(answers),
    consent: act.consent,
    representativeName: representative?.name ?? '',
    representativeCapacity: representative?.capacity ?? '',
    decision: act.decision,
    deferredUntil: act.deferredUntil ?? '',
    comment: act.comment ?? '',
  };
}

function readCommon(values: FormValues, errors: FieldProblem[]) {
  const { date = '', time = '', zone = '' } = values;
  const moment = fromWall({ date, time, zone });
  if ('error' in moment) errors.push(moment.error);
  const kind = chosen(placeKinds, values.placeKind, '/place/kind', errors);
  if ('error' in moment || !kind) return undefined;
  return {
    occurredAt: moment.instant,
    place: given({ kind, finess: text(values.finess), name: text(values.placeName) }),
    performedBy: text(values.performedBy),
  };
}

function chosen<Value extends string>(
  list: readonly Value[],
  value: string | undefined,
  path: string,
  errors: FieldProblem[],
): Value | undefined {
  const found = list.find((each) => each === value);
  if (!found) errors.push({ path, key: `records-acts.errors.choose.${path.slice(1).replace('/', '_')}` });
  return found;
}

function whole(value: string | undefined, path: string, errors: FieldProblem[]): number | undefined {
  if (/^[1-9]\d?$/.test(value?.trim() ?? '')) return Number(value);
  errors.push({ path, key: `records-acts.errors.number.${path.slice(1)}` });
  return undefined;
}

function day(value: string | undefined, path: string, errors: FieldProblem[]): string | undefined {
  const typed = text(value);
  if (typed === undefined) return undefined;
  const read = fromWall({ date: typed, time: '12:00', zone: 'Europe/Paris' });
  if ('error' in read) errors.push({ path, key: 'records-acts.errors.date' });
  return typed;
}

/** Why, in at least three letters. */
export function reason(value: string | undefined, path: string, errors: FieldProblem[]): string | undefined {
  const typed = text(value);
  if (typed !== undefined && typed.length < 3)
    errors.push({ path, key: 'records-acts.errors.reason_missing' });
  return typed;
}

function yesOrNo(value: string | undefined): boolean | undefined {
  return value === 'yes' ? true : value === 'no' ? false : undefined;
}

function text(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

/** Without what is undefined: an absent field and an empty one are the same. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
