import type { LightMyRequestResponse } from 'fastify';
import type { TestApp } from './test-app.ts';

/** A choice on the page of the test wallet: who signs in, or how it fails. */
export type WalletChoice = { readonly who: string } | { readonly fail: string };

/** A browser that signs in at the test wallet over HTTP, with cookies of its own for the wallet and for our site. */
export function signingIn({ app }: Pick<TestApp, 'app'>) {
  const ours = new Map<string, string>();
  const theirs = new Map<string, string>();

  const header = (jar: ReadonlyMap<string, string>) =>
    [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  function keep(jar: Map<string, string>, given: readonly string[]): void {
    for (const each of given) {
      const [pair = ''] = each.split(';');
      const [name = ''] = pair.split('=');
      const value = pair.slice(name.length + 1);
      if (value === '' || /expires=Thu, 01 Jan 1970|max-age=0/i.test(each)) jar.delete(name);
      else jar.set(name, value);
    }
  }

  async function get(url: string): Promise<LightMyRequestResponse> {
    const response = await app.inject({ url, headers: { cookie: header(ours), accept: 'text/html' } });
    keep(ours, [response.headers['set-cookie'] ?? []].flat());
    return response;
  }

  async function post(
    url: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse> {
    const response = await app.inject({
      method: 'POST',
      url,
      headers: {
        cookie: header(ours),
        accept: 'text/html',
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams(fields).toString(),
    });
    keep(ours, [response.headers['set-cookie'] ?? []].flat());
    return response;
  }

  /** One request to the wallet, without following where it leads. */
  async function ask(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: header(theirs) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    keep(theirs, response.headers.getSetCookie());
    return response;
  }

  /** Follows the wallet's redirections up to its page, or to the address of ours that it leads to. */
  async function follow(
    from: string,
    given: Response,
  ): Promise<{ readonly page?: string; readonly at: string }> {
    let at = from;
    let response = given;
    for (let hop = 0; hop < 10; hop += 1) {
      const location = response.headers.get('location');
      if (location === null) return { page: await response.text(), at };
      const next = new URL(location, at);
      if (next.origin !== new URL(from).origin) return { at: next.href };
      at = next.href;
      response = await ask(at);
    }
    throw new Error('the wallet leads in a circle');
  }

  /** Leaves our site for the wallet. @returns the wallet's address. */
  async function leave(
    options: { readonly issuer?: string; readonly returnTo?: string } = {},
  ): Promise<string> {
    const { issuer = 'psc', returnTo } = options;
    const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`;
    const response = await get(`/auth/${issuer}/login${query}`);
    if (response.statusCode !== 303) throw new Error(`not led to the wallet: ${response.statusCode}`);
    return String(response.headers.location);
  }

  /** Chooses on the wallet's page. @returns the path of our callback, with the answer. */
  async function choose(address: string, choice: WalletChoice): Promise<string> {
    const arrived = await follow(address, await ask(address));
    if (arrived.page === undefined) return pathOf(arrived.at);
    const action = /<form method="post" action="([^"]+)"/.exec(arrived.page)?.[1];
    if (!action) throw new Error(`no choice at ${arrived.at}: ${arrived.page}`);
    const url = new URL(action, arrived.at).href;
    const answered = await follow(url, await ask(url, { ...choice }));
    if (answered.page !== undefined) throw new Error(`the wallet did not lead back: ${answered.page}`);
    return pathOf(answered.at);
  }

  return {
    get,
    post,
    leave,
    choose,
    ask,
    follow,
    /** Cookies of our site. */
    cookies: ours,
    /** Signs in from beginning to end. @returns our callback's answer. */
    async signIn(
      choice: WalletChoice,
      options: { readonly issuer?: string; readonly returnTo?: string } = {},
    ): Promise<LightMyRequestResponse> {
      return get(await choose(await leave(options), choice));
    },
  };
}

function pathOf(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}
