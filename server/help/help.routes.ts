/**
 * Purpose: the help page (what the notice offers, the help lines) and what this service says about itself.
 * Entry points: `helpPages`; `hotlineCard` (hotline-card.ts) for any page that shows a help line.
 * May import: server/routing, server/wizard/links.ts, server/http.
 */
import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { incidentBoxes } from '../incidents/incident-boxes.ts';
import { hotlinesInService } from '../routing/configuration.ts';
import { shownLinks } from '../wizard/links.ts';
import { hotlineCard } from './hotline-card.ts';

/** What the notice offers, in its order; each has the texts `help.offers.<key>`. */
const offers = ['tutorial', 'eCps', 'amelipro'] as const;

/** `GET /aide` and `GET /a-propos`. */
export async function helpPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, config, texts, views } = deps;

  app.get('/aide', async (request, reply) => {
    const language = languageOf(request);
    const configuration = await deps.routing.current();
    const at = clock.now();
    const html = views.page('help/help', language, {
      page: 'help',
      title: texts.say(language, 'help.title'),
      incidents: incidentBoxes(await deps.incidents.current(), {}, language, at, {
        days: config.incidentAddressDays,
      }),
      hotlines: hotlinesInService(configuration, at).map((hotline) =>
        hotlineCard(texts, language, configuration, hotline, at),
      ),
      offers: offers.map((key) => ({
        title: texts.say(language, `help.offers.${key}.title`),
        text: texts.say(language, `help.offers.${key}.text`),
        link: shownLinks(texts, language, config.links, [key])[0],
      })),
      canSignIn: config.issuers.length > 0,
      supports: shownLinks(texts, language, config.links, ['eCpsSupport', 'cardSupport']),
    });
    return sendPage(reply, html);
  });

  app.get('/a-propos', async (request, reply) => {
    const language = languageOf(request);
    const html = views.page('help/about', language, {
      page: 'about',
      title: texts.say(language, 'help.about.title'),
      // As configured, and said only where there are records.
      records: config.issuers.length > 0 && {
        years: config.records.keptYears,
        archived: config.records.archivedYears,
        days: config.records.accessLogDays,
        held: config.records.retentionDryRun,
      },
      contacts: shownLinks(texts, language, config.links, ['serviceContact', 'dataProtectionContact']),
    });
    return sendPage(reply, html);
  });
}
