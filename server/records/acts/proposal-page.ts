import { sayDay } from '../rules/finding-words.ts';
import { nameOf, type PageWording, type Row, sayMoment, sayVolume, vaccineName } from './acts-page.ts';
import type { InjectionProposal } from './record-injection.ts';

/**
 * An injection about to be recorded in words, row by row; what was not said is left out.
 * @param zone time zone (IANA) of the place.
 * @param totalFrom where the number of doses comes from when nobody typed it.
 * @param reason given before to record it in spite of something; none when the page asks for it further down.
 */
export function proposalRows(
  wording: PageWording,
  { facts, authority }: Pick<InjectionProposal, 'facts' | 'authority'>,
  {
    zone,
    totalFrom,
    enteredBy,
    reason,
  }: {
    readonly zone: string;
    readonly totalFrom?: string | undefined;
    readonly enteredBy: string;
    readonly reason?: string | undefined;
  },
): readonly (Row & { readonly hint?: string | undefined })[] {
  const { texts, language, vaccines } = wording;
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const place = [
    say(`places.${facts.placeKind}`),
    facts.placeName,
    facts.placeFiness && `FINESS ${facts.placeFiness}`,
  ];
  const rows = [
    ['vaccine', vaccineName(vaccines, facts.vaccine, facts.day)],
    ['rank', `${facts.doseRank}/${facts.doseTotal}`],
    ['lot', facts.lot],
    ['lotExpiry', facts.lotExpiry && sayDay(language, facts.lotExpiry)],
    ['moment', sayMoment(language, facts.occurredAt, zone)],
    ['arm', facts.arm && say(`arms.${facts.arm}`)],
    ['site', facts.site],
    ['route', say(`routes.${facts.route}`)],
    ['doseVolume', facts.doseVolume && sayVolume(wording, facts.doseVolume)],
    ['place', place.filter((each) => each).join(', ')],
    ['performed', nameOf(authority.performer)],
    ['entered', enteredBy],
    ['overrideReason', reason],
  ] as const;
  return rows.flatMap(([field, value]) => {
    if (!value) return [];
    const source = field === 'rank' ? totalFrom : undefined;
    return [{ label: say(`fields.${field}`), value, hint: source && say(`total_sources.${source}`) }];
  });
}
