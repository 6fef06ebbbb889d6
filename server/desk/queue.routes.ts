import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ageInWords } from '../../templates/assets/desk/ages.js';
import { presences } from '../agents/agents.table.ts';
import { listPresences, setPresence } from '../agents/presence.ts';
import { toCaseRow } from '../cases/case-row.ts';
import { claimNextCase } from '../cases/claim-next-case.ts';
import { listCases } from '../cases/list-cases.ts';
import type { QueueCounts } from '../cases/queue-counts.ts';
import { openStates } from '../cases/status.ts';
import type { Dependencies } from '../dependencies.ts';
import { describeDirectoryState } from '../directory/describe-import.ts';
import { findDirectoryState } from '../directory/directory-state.ts';
import { languageOf } from '../http/language.ts';
import { incidentsBand } from '../incidents/band.ts';
import { countLinked } from '../incidents/list-incidents.ts';
import { Problem } from '../problem.ts';
import { isDue } from './callbacks-view.ts';
import { takeCase } from './case-actions.ts';
import { shortLineName } from './case-view.ts';
import type { ShowAgain } from './desk.routes.ts';
import { type DeskPages, ownPath, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';

/** In the address, instead of a hotline's id. */
const everyLine = 'toutes';
const lineCookie = 'desk_line';

/** How many cases of each state the page shows; the counts say how many there are. */
const rowsShown = 100;

/** The live queue, `/desk`, and what is done from it: claim a case, take the next one, say whether one is there. */
export async function queueRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
  counts: QueueCounts,
): Promise<void> {
  const { db, clock, doorbell, texts } = deps;

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    problem?: Problem,
  ): Promise<FastifyReply> {
    const { agent } = request;
    const language = languageOf(request);
    const chosen = agent.hotlines.filter((id) => id === chosenLine(request, reply));
    const shown = chosen.length > 0 ? chosen : agent.hotlines;
    const [counted, there, directory, ...lists] = await Promise.all([
      counts.of(shown),
      listPresences(db),
      findDirectoryState(db),
      ...openStates.map((state) => listCases(db, { hotlines: shown, state, limit: rowsShown })),
    ]);
    const situation = await deps.incidents.current();
    const linked = await countLinked(
      db,
      situation.open.map(({ id }) => id),
    );
    const now = clock.now().getTime();
    const sections = openStates.map((state, place) => {
      const rows = (lists[place]?.rows ?? []).map((stored) => {
        const row = toCaseRow(stored, language);
        const mine = row.assignee?.id === agent.id;
        const due = row.callbackAt !== undefined && isDue(row.callbackAt, clock.now());
        return { row, mine, due, age: ageInWords(Date.parse(row.waitingSince), now, language) };
      });
      const inOrder =
        state === 'waiting'
          ? rows
          : [...rows.filter(({ mine }) => mine), ...rows.filter(({ mine }) => !mine)];
      return { state, count: counted[state], rows: inOrder, more: Math.max(0, counted[state] - rows.length) };
    });
    return pages.send(
      request,
      reply,
      {
        name: 'queue',
        section: 'queue',
        title: texts.say(language, 'desk.queue.title'),
        status: problem?.statusCode ?? 200,
        data: {
          hotlines: shown,
          hotlineIds: shown.join(' '),
          several: shown.length > 1,
          tabs: await tabs(agent.hotlines, shown, language),
          sections,
          callbacks: counted.callbacks,
          band: incidentsBand(texts, language, situation, linked),
          team: team(there, shown),
          directory: describeDirectoryState(texts, language, directory),
          errors: problem && [
            { message: texts.say(language, `problems.${problem.code}.detail`, problem.parameters) },
          ],
        },
      },
      agent,
    );
  }

  async function tabs(mine: readonly string[], shown: readonly string[], language: 'fr' | 'en') {
    if (mine.length < 2) return [];
    const configuration = await deps.routing.current();
    const all = {
      name: texts.say(language, 'desk.queue.allLines'),
      href: `/desk?ligne=${everyLine}`,
      current: shown.length > 1,
    };
    const each = mine.map((id) => ({
      name: shortLineName({ texts, configuration, language }, id),
      href: `/desk?ligne=${encodeURIComponent(id)}`,
      current: shown.length === 1 && shown[0] === id,
    }));
    return [all, ...each];
  }

  /** The line asked for in the address, else the one that was looked at last in this browser. */
  function chosenLine(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const { ligne } = request.query as { readonly ligne?: unknown };
    if (typeof ligne !== 'string') return request.cookies[lineCookie];
    pages.remember(reply, lineCookie, ligne.slice(0, 40));
    return ligne;
  }

  const showAgain: ShowAgain = (request, reply, problem) => show(request, reply, problem);
  const form = { config: { showAgain } };
  function checkToken(request: FastifyRequest): void {
    if (!pages.tokenHolds(tokenSubject(request.agent), textField(request.body, 'token'))) {
      throw new Problem(403, 'stale-form');
    }
  }

  app.get('/desk', async (request, reply) => show(request, reply));

  app.post('/desk/prendre', form, async (request, reply) => {
    checkToken(request);
    const number = textField(request.body, 'number');
    await takeCase(db, { agent: request.agent, number }, clock.now());
    doorbell.ring();
    return pages.done(reply, `/desk/dossiers/${encodeURIComponent(number)}`, { code: 'claimed', number });
  });

  app.post('/desk/suivant', form, async (request, reply) => {
    checkToken(request);
    const claimed = await claimNextCase(db, request.agent, clock.now());
    if (!claimed) return pages.done(reply, '/desk', { code: 'nothingWaiting' });
    doorbell.ring();
    const { number } = claimed;
    return pages.done(reply, `/desk/dossiers/${number}`, { code: 'claimed', number });
  });

  app.post('/desk/presence', form, async (request, reply) => {
    checkToken(request);
    const presence = presences.find((each) => each === textField(request.body, 'presence'));
    if (!presence) throw new Problem(400, 'bad-request');
    await setPresence(db, request.agent.id, presence, clock.now());
    doorbell.ring();
    return pages.done(reply, ownPath(textField(request.body, 'back')), { code: 'presence' });
  });
}

/** Who answers these hotlines, each once; those who are away are left out. */
function team(there: Awaited<ReturnType<typeof listPresences>>, hotlines: readonly string[]) {
  const here = there.filter(({ hotlineId, presence }) => hotlines.includes(hotlineId) && presence !== 'away');
  return [...new Map(here.map((each) => [each.id, each])).values()];
}
