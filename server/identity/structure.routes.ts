import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { formField, registerForms } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { chooseExercise, listExercises } from './choose-exercise.ts';
import { describeExercise } from './describe-exercise.ts';
import { ownPath, recordsPages } from './records-pages.ts';
import { refreshExercises } from './refresh-exercises.ts';
import { mustChoose, requireProfessional } from './require-professional.ts';
import { mayDo, type Right, refusalCodes, rights } from './rights.ts';
import { failureOf } from './sign-in-failure.ts';

interface Shown {
  readonly status?: number;
  /** Key of a sentence above the form. */
  readonly notice?: { readonly key: string; readonly kind: 'success' | 'warning' | 'danger' };
  /** Key of what is wrong with the choice. */
  readonly error?: string;
  /** Key of the exercise that was chosen, when the page is shown again. */
  readonly chosen?: string | undefined;
  readonly returnTo: string;
}

/**
 * The home page of the records, and the choice of what to act as: `/espace`, `/structure`.
 * @param countWaiting how many acts wait for the validation of whoever asks.
 */
export async function structureRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  countWaiting: (request: FastifyRequest) => Promise<number>,
): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, texts, identity } = deps;
  const pages = recordsPages(deps);
  const onRequest = requireProfessional(deps);

  app.get('/espace', { onRequest }, async (request, reply) => {
    if (mustChoose(request)) return reply.redirect('/structure', 303);
    const language = languageOf(request);
    const { professional } = request;
    const { actingAs } = professional;
    const rules = await identity.rights.current();
    const decisions = rights.map((right) => ({ right, ...mayDo(professional, right, clock.now(), rules) }));
    const told = !actingAs
      ? 'identity.home.no_profession'
      : !actingAs.structure && actingAs.mode === null
        ? 'identity.home.no_structure'
        : undefined;
    const may = (right: Right) => decisions.some((each) => each.right === right && 'allowed' in each);
    const reads = may('patient.read');
    const waiting = may('record.validate') ? await countWaiting(request) : 0;
    const { exercises } = await listExercises(db, professional);
    return pages.send(request, reply, {
      name: 'identity/home',
      section: 'home',
      title: texts.say(language, 'identity.menu.home'),
      data: {
        name: `${professional.givenNames} ${professional.familyName}`.trim(),
        actingAs: actingAs && describeExercise(texts, language, actingAs),
        several: exercises.length > 1,
        notices: told ? [{ kind: 'warning', text: texts.say(language, told) }] : [],
        reads,
        waiting,
        leads: reads || waiting > 0,
        may: decisions.flatMap((each) => ('allowed' in each ? [each] : [])),
        mayNot: decisions.flatMap((each) =>
          'refused' in each
            ? [
                {
                  right: each.right,
                  why: texts.say(language, `problems.${refusalCodes[each.refused]}.detail`),
                },
              ]
            : [],
        ),
      },
    });
  });

  async function show(request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<FastifyReply> {
    const language = languageOf(request);
    const { professional } = request;
    const { exercises, last } = await listExercises(db, professional);
    const message = shown.error && texts.say(language, shown.error);
    const notice =
      shown.notice ??
      (exercises.length === 0 ? { key: 'identity.structure.none', kind: 'warning' } : undefined);
    return pages.send(request, reply, {
      name: 'identity/structure',
      section: 'structure',
      title: texts.say(language, 'identity.structure.title'),
      status: shown.status ?? 200,
      path: `/structure?return_to=${encodeURIComponent(shown.returnTo)}`,
      data: {
        returnTo: shown.returnTo,
        notices: notice ? [{ ...notice, text: texts.say(language, notice.key) }] : [],
        options: exercises.map((exercise) => {
          const { key, place, detail, finess } = describeExercise(texts, language, exercise);
          const number = finess
            ? ` – ${texts.say(language, 'identity.exercise.finess', { number: finess })}`
            : '';
          const hint =
            key === last
              ? texts.say(language, 'identity.structure.last', { detail: detail + number })
              : detail + number;
          return { value: key, label: place, hint };
        }),
        chosen: shown.chosen ?? professional.actingAs?.key ?? last ?? undefined,
        ...(message && {
          errors: [{ field: 'exercise-0', message }],
          fields: { exercise: message },
        }),
      },
    });
  }

  app.get('/structure', { onRequest }, async (request, reply) => {
    const { return_to } = request.query as { readonly return_to?: unknown };
    return show(request, reply, { returnTo: ownPath(return_to) });
  });

  app.post('/structure', { onRequest }, async (request, reply) => {
    const returnTo = ownPath(formField(request.body, 'return_to'));
    const chosen = formField(request.body, 'exercise');
    if (!pages.tokenHolds(request)) {
      const notice = { key: 'identity.structure.stale', kind: 'danger' } as const;
      return show(request, reply, { status: 403, notice, chosen, returnTo });
    }
    if (chosen === undefined || !(await chooseExercise(db, request.professional, chosen, clock.now()))) {
      return show(request, reply, { status: 422, error: 'identity.structure.choose', chosen, returnTo });
    }
    return reply.redirect(returnTo, 303);
  });

  app.post('/structure/actualiser', { onRequest }, async (request, reply) => {
    const returnTo = ownPath(formField(request.body, 'return_to'));
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    try {
      await refreshExercises(deps, request.professional);
    } catch (error) {
      request.log.warn(
        { failure: failureOf(error).kind },
        'the structures of a professional were not refreshed',
      );
      const notice = { key: 'identity.structure.not_refreshed', kind: 'warning' } as const;
      return show(request, reply, { status: 503, notice, returnTo });
    }
    return show(request, reply, {
      notice: { key: 'identity.structure.refreshed', kind: 'success' },
      returnTo,
    });
  });
}
