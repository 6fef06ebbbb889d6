import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { formField, formLimitBytes, parseForm, registerForms, sendPage } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages, switchOf } from '../../identity/records-pages.ts';
import { mustChoose, requireProfessional } from '../../identity/require-professional.ts';
import { Problem } from '../../problem.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { eraseKeptForm, keptMs } from './erase-kept-forms.ts';
import { findKeptForm } from './find-kept-form.ts';
import { keepForm } from './keep-form.ts';

const paramsSchema = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const;

interface KeptFormRequest {
  Params: { readonly id: string };
}

/**
 * What becomes of any form of the records whose sender must first sign in again, or say for which structure they act:
 * `requireProfessional` and `requireRight` hand it over here before anything of it is read. Called once, before the plugins.
 */
export function registerKeptForms(app: FastifyInstance, deps: Dependencies): void {
  const { db, clock, config, texts, views } = deps;
  const vault = nirVault(config.records);
  const pages = recordsPages(deps);

  app.decorate('keepForm', async (request, reply, first) => {
    const body = await readBody(request);
    // The token says who was given the form, and that it was we who gave it: the session itself may be long gone.
    const owner = body === undefined ? undefined : pages.ownerOf(parseForm(body).token);
    const form = { path: request.url, body: body ?? '' };
    const id = owner && (await keepForm(db, vault, { professionalId: owner, form }, clock.now()));
    const language = languageOf(request);
    const returnTo = encodeURIComponent(id ? `/reprise/${id}` : '/espace');
    const next = first === 'sign-in' ? '/connexion' : '/structure';
    const title = texts.say(language, `kept-forms.${first}.title`);
    const data = {
      page: 'sign-in',
      private: true,
      title,
      first,
      kept: id !== undefined,
      minutes: keptMs / 60_000,
      leadsTo: `${next}?return_to=${returnTo}`,
      // This page answers a form: the switch leads on, with what was kept.
      languageSwitch: switchOf(`${next}?return_to=${returnTo}`),
    };
    const html = views.page('records/form-kept', language, data);
    return sendPage(reply.status(first === 'sign-in' ? 401 : 403), html);
  });
}

/** The body of a form as it arrives, URL-encoded; undefined when it is longer than any form of ours may be. */
async function readBody({ raw }: FastifyRequest): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // To its end, whatever its length: a connection cut short would show the browser's own page of error.
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= formLimitBytes) chunks.push(chunk);
  }
  return length <= formLimitBytes ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** The page on which a kept form is asked for: `/reprise/:id`. */
export async function keptFormsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, config, texts } = deps;
  const vault = nirVault(config.records);
  const pages = recordsPages(deps);
  const route = { onRequest: requireProfessional(deps), schema: { params: paramsSchema } };

  /** Which form is asked for, by whom. */
  const asked = ({ params, professional }: FastifyRequest<KeptFormRequest>) => ({
    id: params.id,
    professionalId: professional.id,
  });

  async function get(request: FastifyRequest<KeptFormRequest>) {
    const found = await findKeptForm(db, vault, asked(request), clock.now());
    if (!found) throw new Problem(404, 'no-such-kept-form');
    return found;
  }

  app.get<KeptFormRequest>('/reprise/:id', route, async (request, reply) => {
    if (mustChoose(request)) {
      return reply.redirect(`/structure?return_to=${encodeURIComponent(request.url)}`, 303);
    }
    const { keptAt } = await get(request);
    return pages.send(request, reply, {
      name: 'records/form-back',
      section: 'home',
      title: texts.say(languageOf(request), 'kept-forms.back.title'),
      data: { action: `/reprise/${request.params.id}`, keptAt, until: new Date(keptAt.getTime() + keptMs) },
    });
  });

  app.post<KeptFormRequest>('/reprise/:id', route, async (request, reply) => {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    if (formField(request.body, 'erase') !== undefined) {
      await eraseKeptForm(db, asked(request));
      return reply.redirect('/espace', 303);
    }
    const form = await get(request);
    const again = await sendAgain(request, form);
    // Not given back for a reason of ours, it stays to be asked for again.
    if (again.statusCode < 500) await eraseKeptForm(db, asked(request));
    for (const name of ['content-type', 'set-cookie'] as const) {
      const value = again.headers[name];
      if (value !== undefined) reply.header(name, value);
    }
    // Refused for its age alone, as it was meant to be: what was asked for here has been done.
    return reply.status(again.statusCode === 403 ? 200 : again.statusCode).send(again.body);
  });

  /**
   * The form's own page, filled in. Every form whose token does not hold comes back with all that was typed and records
   * nothing: so the form is sent again without any, as whoever asks for it now, and each page needs no code for this.
   */
  async function sendAgain(
    request: FastifyRequest,
    { path, body }: { readonly path: string; readonly body: string },
  ) {
    const { cookie, 'accept-language': language } = request.headers;
    const fields = new URLSearchParams(body);
    fields.set('token', '');
    return app.inject({
      method: 'POST',
      url: path,
      remoteAddress: request.ip,
      headers: {
        accept: 'text/html',
        'content-type': 'application/x-www-form-urlencoded',
        ...(cookie !== undefined && { cookie }),
        ...(language !== undefined && { 'accept-language': language }),
      },
      payload: fields.toString(),
    });
  }
}
