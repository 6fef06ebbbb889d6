import { type MailContent, oneLine } from '../mail/compose-mail.ts';
import { findHotline, phoneLink, type RoutingConfiguration } from '../routing/configuration.ts';
import { describeOpening } from '../routing/describe.ts';
import { openingAt } from '../routing/opening-hours.ts';
import type { Language, Texts } from '../texts.ts';
import type { Views } from '../views.ts';
import type { MailedKind } from './follow-ups.table.ts';

/** The case as far as a mail may speak of it: nothing about symptoms, answers or messages ever goes by mail. */
export interface MailedCase {
  readonly number: string;
  readonly hotlineId: string;
  readonly contactName: string;
  readonly contactEmail: string;
  readonly language: Language;
  readonly trackingToken: string;
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
  const subject = texts.say(language, `mails.${followUp.kind}.subject`, { number });
  const trackingUrl = `${publicUrl}/suivi/${about.trackingToken}`;
  const replyUrl = (reply: 'works' | 'stuck') =>
    `${trackingUrl}/reponse?suivi=${followUp.id}&reponse=${reply}`;
  const bodies = views.mail(followUp.kind, language, {
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
  const messageId = (id: number) => `follow-up-${id}@${new URL(publicUrl).hostname}`;
  return {
    messageId: messageId(followUp.id),
    to: { name: greetingName(about.contactName) ?? '', address: about.contactEmail },
    subject,
    ...bodies,
    date: now,
    unsubscribeUrl: `${trackingUrl}/arret`,
    ...(firstId !== undefined && { inReplyTo: messageId(firstId) }),
  };
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
