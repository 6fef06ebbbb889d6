import { calendarFile } from '../mail/calendar-file.ts';
import { type MailContent, oneLine } from '../mail/compose-mail.ts';
import { findHotline, phoneLink, type RoutingConfiguration } from '../routing/configuration.ts';
import { describeMoment, describeOpening } from '../routing/describe.ts';
import { openingAt } from '../routing/opening-hours.ts';
import type { Language, Texts } from '../texts.ts';
import type { Views } from '../views.ts';
import type { MailedCallback } from './find-callback-of.ts';
import type { MailedKind } from './follow-ups.table.ts';

/** The case as far as a mail may speak of it: nothing about symptoms, answers or messages ever goes by mail. */
export interface MailedCase {
  readonly number: string;
  readonly hotlineId: string;
  readonly contactName: string;
  readonly contactEmail: string;
  readonly language: Language;
  readonly trackingToken: string;
  /** The one that the mail is about, when it is about one. */
  readonly callback?: MailedCallback | undefined;
}

/** What mails are made with. */
export interface MailMaking {
  readonly texts: Texts;
  readonly views: Views;
  readonly configuration: RoutingConfiguration;
  /** Where users find the service, without a trailing slash. */
  readonly publicUrl: string;
}

/**
 * The mail of a follow-up, in the practitioner's language, its hours as they stand at `now`.
 * @param firstId the follow-up whose mail began the conversation, if it is another one.
 * @throws Error when the case's hotline is not configured.
 */
export function followUpMail(
  followUp: { readonly id: number; readonly kind: MailedKind },
  about: MailedCase,
  firstId: number | undefined,
  now: Date,
  { texts, views, configuration, publicUrl }: MailMaking,
): MailContent {
  const { language, number } = about;
  const hotline = findHotline(configuration, about.hotlineId);
  if (!hotline) throw new Error(`no hotline "${about.hotlineId}"`);
  const told = about.callback && callbackWords(texts, about.callback, about, hotline.schedule.zone);
  const subject = texts.say(language, `mails.${followUp.kind}.subject`, { number, ...told });
  const trackingUrl = `${publicUrl}/suivi/${about.trackingToken}`;
  const replyUrl = (reply: 'works' | 'stuck') =>
    `${trackingUrl}/reponse?suivi=${followUp.id}&reponse=${reply}`;
  const bodies = views.mail(about.callback ? 'callback' : followUp.kind, language, {
    ...(about.callback && {
      title: texts.say(language, `mails.${followUp.kind}.title`, { ...told }),
      lead: texts.say(language, leadOf(followUp.kind, about.callback), { ...told }),
      toCome: about.callback.state === 'booked',
      callbackUrl: `${trackingUrl}/rappel`,
    }),
    subject,
    number,
    name: greetingName(about.contactName),
    hotline: {
      name: hotline.name[language],
      phone: hotline.phone,
      link: phoneLink(hotline),
      cost: hotline.cost[language],
      zone: hotline.schedule.zone,
      opening: describeOpening(texts, language, openingAt(hotline.schedule, now), now),
    },
    sentAt: now,
    trackingUrl,
    worksUrl: replyUrl('works'),
    stuckUrl: replyUrl('stuck'),
    stopUrl: `${trackingUrl}#mails`,
  });
  const host = new URL(publicUrl).hostname;
  const messageId = (id: number) => `follow-up-${id}@${host}`;
  const files = about.callback && calendarFiles(followUp.kind, about.callback);
  return {
    messageId: messageId(followUp.id),
    to: { name: greetingName(about.contactName) ?? '', address: about.contactEmail },
    subject,
    ...bodies,
    date: now,
    unsubscribeUrl: `${trackingUrl}/arret`,
    ...(files && {
      attachments: files.map(({ method, callback: { id, startsAt, endsAt } }) => ({
        filename: texts.say(language, `mails.callback.files.${method}`),
        contentType: `text/calendar; charset=utf-8; method=${method}`,
        content: calendarFile({
          method,
          uid: `callback-${id}@${host}`,
          startsAt,
          endsAt,
          writtenAt: now,
          summary: texts.say(language, 'mails.callback.summary', { number }),
          description: texts.say(language, 'mails.callback.description', { number, phone: hotline.phone }),
        }),
      })),
    }),
    ...(firstId !== undefined && { inReplyTo: messageId(firstId) }),
  };
}

/** A callback's moments as its mails say them; `before` is that of the one it came in the stead of, else its own. */
function callbackWords(
  texts: Texts,
  { startsAt, replaced, zone }: MailedCallback,
  { language }: Pick<MailedCase, 'language'>,
  lineZone: string,
) {
  const say = (at: Date) => describeMoment(texts, language, at, { zone, lineZone });
  const { moment, time } = say(startsAt);
  return { moment, time, before: say(replaced?.startsAt ?? startsAt).moment };
}

/** Whoever was not reached is told when they are called again, or that it is up to them. */
function leadOf(kind: MailedKind, { state }: MailedCallback): string {
  return kind === 'callback_missed' && state === 'missed'
    ? 'mails.callback_missed.lead_alone'
    : `mails.${kind}.lead`;
}

/** What the practitioner's calendar is told: of the call to come, and that the one before is off. */
function calendarFiles(kind: MailedKind, callback: MailedCallback) {
  if (kind === 'callback_reminder') return [];
  if (callback.state !== 'booked') return [{ method: 'CANCEL' as const, callback }];
  const { replaced } = callback;
  return [
    { method: 'PUBLISH' as const, callback },
    ...(replaced ? [{ method: 'CANCEL' as const, callback: replaced }] : []),
  ];
}

/** Names are shorter than this; what is longer is something else. */
const longestName = 80;

/**
 * The name to greet with, as typed but on one line. Anybody may type anything for somebody else's address: what
 * looks like an address, a link or a sentence is left out, so that nobody can speak through our mails.
 */
export function greetingName(typed: string): string | undefined {
  const name = oneLine(typed);
  const suspicious = name.length > longestName || /[@/\\<>{}[\]|=%$€£!?:;"0-9]|\.\p{L}{2}/u.test(name);
  return name === '' || suspicious ? undefined : name;
}
