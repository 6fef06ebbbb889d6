import { caseEvents, caseMessages, cases } from '#server/cases/cases.table.ts';
import type { Database } from '#server/database/client.ts';
import { outbox } from '#server/database/outbox.table.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { type TestApp, testTexts } from './test-app.ts';

export type Form = Readonly<Record<string, string>>;

/** A browser without scripts or cookies, as far as `inject` goes. */
export function pageVisitor(server: Pick<TestApp, 'app'>) {
  let visits = 0;
  const get = (url: string, headers: Record<string, string> = {}) =>
    server.app.inject({ url, headers: { accept: 'text/html', ...headers } });
  return {
    get,
    /** Sends a form; each from an address of its own unless one is given, so that none is counted with another. */
    post(
      url: string,
      form: Form | URLSearchParams,
      options: { readonly from?: string; readonly type?: string } = {},
    ) {
      visits += 1;
      return server.app.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(form).toString(),
        headers: { accept: 'text/html', 'content-type': options.type ?? 'application/x-www-form-urlencoded' },
        remoteAddress: options.from ?? `10.9.${visits >> 8}.${visits & 255}`,
      });
    },
    /** The token of the form at that address. */
    async tokenAt(url: string): Promise<string> {
      const token = formToken((await get(url)).body);
      if (!token) throw new Error(`no form at ${url}`);
      return token;
    },
  };
}

/** The token of the first form of a page. */
export function formToken(body: string): string {
  return /name="token" value="([^"]+)"/.exec(body)?.[1] ?? '';
}

/** Words as they stand in a page. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');
}

/** A French sentence of the catalogues as it stands in a page. */
export function sentence(key: string, parameters?: Readonly<Record<string, string | number>>): string {
  return escaped(testTexts.say('fr', key, parameters));
}

/** Everything about cases that a request could change; equal before and after one that changed nothing. */
export async function storedAboutCases(db: Database) {
  return {
    cases: await db.select().from(cases).orderBy(cases.id),
    events: await db.$count(caseEvents),
    messages: await db.$count(caseMessages),
    jobs: await db.$count(outbox),
    followUps: await db.select().from(followUps).orderBy(followUps.id),
  };
}
