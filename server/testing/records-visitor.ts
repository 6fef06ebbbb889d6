import { type Form, formToken } from './page-visitor.ts';
import type { SignedInProfessional } from './professionals.ts';
import type { TestApp } from './test-app.ts';

/** A professional's browser without scripts: gets pages of the records, and sends their forms. */
export function recordsVisitor({ app }: Pick<TestApp, 'app'>, { cookie }: SignedInProfessional) {
  const get = (url: string) => app.inject({ url, headers: { cookie, accept: 'text/html' } });
  const read = async (url: string) => (await get(url)).body;
  const post = (url: string, form: Form) =>
    app.inject({
      method: 'POST',
      url,
      headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(form).toString(),
    });
  return {
    get,
    /** What stands at an address, as HTML. */
    read,
    post,
    /** Sends the form with that action of the page at `from` as it stands there, with what is typed over it. */
    async send(from: string, action: string, typed: Form = {}) {
      return post(action, { ...fieldsOf(await read(from), action), ...typed });
    },
    /** Sends the form that acts are typed in, as that page shows it, with what is typed over it. */
    sendShown: (action: string, page: string, typed: Form = {}) =>
      post(action, { ...fieldsOf(page, 'act-form'), ...typed }),
    /** The token of the first form at an address. */
    tokenAt: async (url: string) => formToken(await read(url)),
  };
}

/** The fields of a form of a page as it filled them, by the form's action or id: what a browser would send. */
export function fieldsOf(page: string, actionOrId: string): Record<string, string> {
  const is = (form: string) => ['action', 'id'].some((name) => form.includes(` ${name}="${actionOrId}"`));
  const [form = ''] = (page.split('<form').find(is) ?? '').split('</form>');
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(tag)?.[1];
    const ticked = !/type="(radio|checkbox)"/.test(tag) || tag.includes(' checked');
    if (name !== undefined && ticked) fields[name] = plain(/ value="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  for (const [, name = '', text = ''] of form.matchAll(
    /<textarea [^>]*name="([^"]*)"[^>]*>\n?([\s\S]*?)<\/textarea>/g,
  )) {
    fields[name] = plain(text);
  }
  for (const [, name = '', options = ''] of form.matchAll(
    /<select [^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g,
  )) {
    fields[name] = plain(/value="([^"]*)" selected/.exec(options)?.[1] ?? '');
  }
  return fields;
}

/** What a page says, without its tags, words apart by one space. */
export function textOf(page: string): string {
  return plain(page.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/[ \n]+/g, ' ');
}

function plain(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&');
}
