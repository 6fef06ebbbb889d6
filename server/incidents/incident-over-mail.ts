import type { MailContent } from '../mail/compose-mail.ts';
import type { Language, Texts } from '../texts.ts';
import type { Views } from '../views.ts';

/** What the mail is made of; nothing about what anybody answered. */
export interface IncidentOver {
  readonly noticeId: number;
  readonly email: string;
  readonly language: Language;
  readonly title: string;
  /** The linked case and the question asked about it; absent for whoever only asked to be told. */
  readonly about?: { readonly number: string; readonly trackingToken: string; readonly followUpId: number };
  /** The link that takes the address back, for whoever only asked to be told. */
  readonly subscriptionToken?: string;
}

/** The mail that says that an incident is over and asks whether it works. */
export function incidentOverMail(
  over: IncidentOver,
  now: Date,
  making: { readonly texts: Texts; readonly views: Views; readonly publicUrl: string },
): MailContent {
  const { language, title, about, subscriptionToken } = over;
  const { texts, views, publicUrl } = making;
  const subject = texts.say(language, 'incidents.mail.subject', { title });
  const trackingUrl = about && `${publicUrl}/suivi/${about.trackingToken}`;
  const withdrawalUrl = `${publicUrl}/incidents/abonnement/${subscriptionToken}`;
  const replyUrl = (reply: 'works' | 'stuck') =>
    about && `${trackingUrl}/reponse?suivi=${about.followUpId}&reponse=${reply}`;
  const bodies = views.mail('incident-over', language, {
    subject,
    title,
    number: about?.number,
    worksUrl: replyUrl('works'),
    stuckUrl: replyUrl('stuck'),
    trackingUrl,
    startUrl: `${publicUrl}/`,
    stopUrl: about ? `${trackingUrl}#mails` : withdrawalUrl,
  });
  return {
    messageId: `incident-notice-${over.noticeId}@${new URL(publicUrl).hostname}`,
    to: { name: '', address: over.email },
    subject,
    ...bodies,
    date: now,
    unsubscribeUrl: `${about ? trackingUrl : withdrawalUrl}/arret`,
  };
}
