import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { incidentOfCase } from '../incidents/match.ts';
import type { OpenIncidents } from '../incidents/open-incidents.ts';
import { Problem } from '../problem.ts';
import type { ConfigurationCache } from '../routing/load-configuration.ts';
import type { Opening } from '../routing/opening-hours.ts';
import {
  checkRpps,
  type Mode,
  modes,
  type Practitioner,
  professions,
  type Setting,
  settings,
} from '../routing/practitioner-types.ts';
import { type Routing, type RoutingQuestion, routeCase } from '../routing/route-case.ts';
import type { Texts } from '../texts.ts';
import type { Facts } from '../wizard/flow.ts';
import { getWalk, type Walk } from '../wizard/sessions.ts';
import { freezeTrail, summarise } from './freeze-trail.ts';
import { type CheckedNewCase, checkNewCase, type NewCaseBody } from './new-case.ts';
import { findCaseOfSession, type OpenedCase, openCase } from './open-case.ts';

/** Which field answers a question of the routing. */
const fieldOf: Readonly<Record<RoutingQuestion, string>> = {
  setting: '/practitioner/setting',
  mode: '/practitioner/mode',
  activity: '/practitioner/mode',
};

/** A case, and whether it is new; then with the opening of its line, as its routing worked it out. */
export type Help =
  | { readonly created: true; readonly case: OpenedCase; readonly opening: Opening }
  | { readonly created: false; readonly case: OpenedCase };

/**
 * Makes a case of a wizard session, whatever its outcome: nobody is sent away. What the caller says wins; what they
 * leave out comes from the answers. A session that already has its case is given that one, unchanged.
 * @throws Problem 404 for an unknown session; 422 for fields at fault, and for an ambiguous line: `needs` names what to
 * ask; 503 when no line is in service.
 */
export async function askForHelp(
  deps: {
    readonly db: Database;
    readonly texts: Texts;
    readonly routing: ConfigurationCache;
    readonly incidents: OpenIncidents;
    readonly clock: Clock;
  },
  sessionId: string,
  body: NewCaseBody,
): Promise<Help> {
  const walk = await getWalk(deps.db, sessionId);
  if (walk.session.frozen) {
    const earlier = await findCaseOfSession(deps.db, walk.session.id);
    if (earlier) return { case: earlier, created: false };
  }
  const asked = checkNewCase(body);
  if ('errors' in asked) throw new Problem(422, 'invalid', { errors: asked.errors });

  const known = knownOf(walk.replay);
  // A number that was taken out of the form is not put back.
  const practitioner = {
    ...(body.practitioner?.rpps === undefined && rppsOf(known)),
    ...withFacts(asked.practitioner, known),
  };
  const now = deps.clock.now();
  const routing = routeCase(practitioner, now, await deps.routing.current());
  if (routing.hotline === null) throw unroutable(routing);
  const { open } = await deps.incidents.current();
  const incident = incidentOfCase(open, walk.replay.facts);
  const opened = await openCase(
    deps.db,
    {
      ...newCase(deps.texts, walk, asked, practitioner, routing),
      incidentId: incident?.id ?? null,
    },
    now,
  );
  return opened.created
    ? { created: true, case: opened.case, opening: routing.opening }
    : { created: false, case: opened.case };
}

/** What the answers of a session told, with the number that was typed in it and the exact profession it led to. */
export function knownOf({
  facts,
  typed,
  found,
  confirmed,
}: Walk['replay']): Facts & { readonly rpps?: string } {
  const rpps = confirmed ? found?.rpps : typed;
  const [held, ...others] = confirmed ? (found?.professions ?? []) : [];
  const exact = held && others.length === 0 && professions.some(({ code }) => code === held.code);
  return {
    ...facts,
    ...(exact && { profession: held.code }),
    ...(rpps !== undefined && checkRpps(rpps).ok && { rpps }),
  };
}

function rppsOf({ rpps }: { readonly rpps?: string }) {
  return rpps !== undefined && { rpps };
}

/** What was declared, completed by what the answers of the session taught. */
export function withFacts(declared: Practitioner, facts: Facts): Practitioner {
  const { profession } = facts;
  const setting = settings.find((each): each is Setting => each === facts.setting);
  const mode = modes.find((each): each is Mode => each === facts.mode);
  return {
    ...(profession !== undefined && { profession }),
    ...(setting !== undefined && { setting }),
    // Several activities declared now say more than the one mode answered earlier.
    ...(mode !== undefined && !declared.activities && { mode }),
    ...declared,
  };
}

function unroutable({ needs, reason }: Extract<Routing, { readonly hotline: null }>): Problem {
  if (needs.length === 0) return new Problem(503, 'no-line', { extensions: { reasonCode: reason.code } });
  return new Problem(422, 'line-ambiguous', {
    errors: needs.map((need) => ({ path: fieldOf[need], key: `routing.questions.${need}` })),
    extensions: { needs, reasonCode: reason.code },
  });
}

function isDoubtful(rpps: string): boolean {
  const checked = checkRpps(rpps);
  return checked.ok && checked.warning !== undefined;
}

function newCase(
  texts: Texts,
  { session, flow, replay }: Walk,
  asked: CheckedNewCase,
  practitioner: Practitioner,
  { hotline, reason }: Extract<Routing, { readonly hotline: string }>,
) {
  return {
    hotlineId: hotline,
    routingReason: reason,
    contactName: asked.contact.name,
    contactEmail: asked.contact.email,
    contactPhone: asked.contact.phone,
    language: asked.language ?? session.language,
    rpps: practitioner.rpps ?? null,
    rppsDoubtful: practitioner.rpps !== undefined && isDoubtful(practitioner.rpps),
    profession: practitioner.profession ?? null,
    mode: practitioner.mode ?? null,
    setting: practitioner.setting ?? null,
    finess: practitioner.finess ?? null,
    message: asked.message,
    followUps: asked.followUps,
    wizardSessionId: session.id,
    flow: flow.id,
    flowVersion: flow.version,
    trail: freezeTrail(texts, flow, replay),
    summary: summarise(texts, replay.facts),
    way: replay.facts.way ?? null,
    symptom: replay.facts.symptom ?? null,
  };
}
