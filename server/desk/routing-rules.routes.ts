import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { checkRules, refuseRules } from '../routing/check-rules.ts';
import type { RoutingConfiguration } from '../routing/configuration.ts';
import { listChanges } from '../routing/configuration-history.ts';
import { professionInWords, ruleInWords } from '../routing/describe-changes.ts';
import { modes, noProfession, professions, settings } from '../routing/practitioner-types.ts';
import { readForEditing } from '../routing/read-for-editing.ts';
import { saveRoutingRules } from '../routing/save-routing-rules.ts';
import { type DeskPages, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';
import { onlySupervisors } from './hotlines-access.ts';
import { type LineReader, lineNames, viewHistory } from './hotlines-view.ts';
import {
  blankRow,
  digestOf,
  fieldOfRule,
  maxRules,
  type RuleRow,
  readRows,
  readRules,
  rowsOf,
} from './routing-rules-form.ts';
import { type Effect, effectOf, viewEffect } from './routing-rules-view.ts';

const path = '/desk/routing-rules';
const subject = 'routing-rules';

interface Shown {
  readonly rows?: readonly RuleRow[];
  /** The version that the form was made for; absent when it is shown for the first time. */
  readonly version?: number;
  readonly problem?: Problem;
  readonly effect?: Effect;
  /** Of the rules whose effect is shown. */
  readonly digest?: string;
}

/** `/desk/routing-rules`: who is led to which line. What a change does is shown before it can be saved. */
export async function routingRulesRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
): Promise<void> {
  const { db, clock, texts, doorbell } = deps;

  app.get(path, async (request, reply) => show(request, reply, {}));

  app.post(
    path,
    {
      config: {
        showAgain: async (request, reply, problem) => {
          const given = sent(request.body);
          // Holes are part of the effect: shown with it, whether it was asked for or not.
          const holes = problem.code === 'routing-holes';
          const effect = holes ? await effectOfRows(given.rows) : undefined;
          return show(request, reply, { ...given, problem, ...(effect && { effect }) });
        },
      },
    },
    async (request, reply) => {
      const { agent, body } = request;
      onlySupervisors(agent);
      if (!pages.tokenHolds(tokenSubject(agent), textField(body, 'token'))) {
        throw new Problem(403, 'stale-form');
      }
      const { rows, version } = sent(body);
      const action = textField(body, 'do');
      if (action === 'add') {
        return show(request, reply, { rows: [...rows, blankRow(rows.length + 1)], version });
      }
      const read = readRules(rows);
      const now = clock.now();
      const { configuration } = await readForEditing(db, subject);
      const errors = [
        ...read.errors,
        ...checkRules({ ...configuration, rules: read.rules }, now),
        ...sizeFaults(read.rules.length),
      ];
      if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
      if (action === 'save') refuseRules({ ...configuration, rules: read.rules }, now);
      const digest = digestOf(read.rules);
      // Nobody saves what they have not seen the effect of.
      if (action !== 'save' || textField(body, 'seen') !== digest) {
        return show(request, reply, { rows, version, digest, effect: await effectOfRows(rows) });
      }
      await saveRoutingRules(db, { agent, version, rules: read.rules }, now);
      deps.routing.invalidate();
      // Every process looks whether something was saved.
      doorbell.ring();
      return pages.done(reply, path, { code: 'rulesSaved' });
    },
  );

  async function effectOfRows(rows: readonly RuleRow[]): Promise<Effect> {
    const { configuration } = await readForEditing(db, subject);
    const { rules } = readRules(rows);
    return effectOf(db, configuration, { ...configuration, rules }, clock.now());
  }

  async function show(request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<FastifyReply> {
    const { agent } = request;
    const language = languageOf(request);
    const { configuration, version } = await readForEditing(db, subject);
    const reader: LineReader = { texts, language, configuration, now: clock.now() };
    const { rows = rowsOf(configuration.rules), version: since, problem, effect, digest } = shown;
    const meanwhile = since !== undefined && since < version;
    const read = readRules(rows);
    return pages.send(
      request,
      reply,
      {
        name: 'routing-rules',
        section: 'routing-rules',
        title: texts.say(language, 'desk-rules.title'),
        status: problem?.statusCode ?? 200,
        path,
        data: {
          mayEdit: agent.role === 'supervisor',
          version,
          // What was shown before somebody else saved is not what saving would do now; holes are not to be saved.
          digest: meanwhile || (effect && effect.holes.length > 0) ? undefined : digest,
          rules: configuration.rules.map((rule) => ruleInWords(reader, rule, lineNames(reader))),
          rows: rows.map((row, index) => ({ ...row, index, place: index + 1 })),
          choices: choices(reader, configuration),
          effect: effect && viewEffect(reader, effect),
          meanwhile: meanwhile && viewHistory(reader, await listChanges(db, subject, since)),
          history: viewHistory(reader, await listChanges(db, subject)),
          ...faultsInWords(reader, problem, read),
        },
      },
      agent,
    );
  }
}

function sent(body: unknown): { readonly rows: readonly RuleRow[]; readonly version: number } {
  return {
    rows: readRows(body),
    version: Number(/^\d{1,9}$/.exec(textField(body, 'version'))?.[0] ?? 0),
  };
}

function sizeFaults(count: number): readonly FieldProblem[] {
  if (count === 0) return [{ path: '/rules', key: 'desk-rules.errors.none' }];
  return count > maxRules ? [{ path: '/rules', key: 'desk-rules.errors.tooMany' }] : [];
}

/** The error summary, and each row's faults by field. */
function faultsInWords(
  { texts, language }: LineReader,
  problem: Problem | undefined,
  read: ReturnType<typeof readRules>,
) {
  if (!problem) return { faults: {} };
  const errors = problem.errors.map(({ path: at, key, parameters }) => {
    const sentence = texts.say(language, key, parameters);
    const found = fieldOfRule(at, read);
    if (!found) return { message: sentence, sentence };
    const field = `rule-${found.row}-${found.field}`;
    const place = found.row + 1;
    return {
      field,
      sentence,
      message: texts.say(language, 'desk-rules.errors.summary', { place, sentence }),
    };
  });
  const general = [{ message: texts.say(language, `problems.${problem.code}.detail`, problem.parameters) }];
  return {
    errors: errors.length > 0 ? errors.map(({ field, message }) => ({ field, message })) : general,
    faults: Object.fromEntries(errors.map(({ field, sentence }) => [field ?? '', sentence])),
  };
}

/** What the selects of every row offer. */
function choices(reader: LineReader, { hotlines }: RoutingConfiguration) {
  const { texts, language } = reader;
  const option = (value: string, key: string) => ({ value, label: texts.say(language, key) });
  return {
    settings: settings.map((each) => option(each, `routing.settings.${each}`)),
    modes: modes.map((each) => option(each, `routing.modes.${each}`)),
    professions: [...professions.map(({ code }) => code), noProfession].map((value) => ({
      value,
      label: professionInWords(reader, value),
    })),
    hotlines: hotlines.map(({ id }) => ({ value: id, label: lineNames(reader)(id) })),
    origins: (['notice', 'default'] as const).map((each) => option(each, `configuration.origins.${each}`)),
  };
}
