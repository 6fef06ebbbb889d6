import type { LightMyRequestResponse } from 'fastify';
import { signedIn, type TestAgent } from './builders.ts';
import type { TestApp } from './test-app.ts';

/** Somebody at the desk, in tests: gets pages, and sends the forms found on them. */
export interface DeskVisitor {
  get(url: string, cookies?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** Sends a form with the fields given, and the token of the page `from` (by default the queue). */
  post(
    url: string,
    fields?: Readonly<Record<string, string>>,
    from?: string,
  ): Promise<LightMyRequestResponse>;
}

/** An agent who has just signed in. */
export async function deskVisitor(server: TestApp, agent: Pick<TestAgent, 'id'>): Promise<DeskVisitor> {
  const cookie = await signedIn(server, agent);
  const get: DeskVisitor['get'] = (url, cookies = {}) => {
    const others = Object.entries(cookies).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return server.app.inject({ url, headers: { cookie: [cookie, ...others].join('; ') } });
  };
  return {
    get,
    async post(url, fields = {}, from = '/desk') {
      const token = tokenIn((await get(from)).body);
      return server.app.inject({
        method: 'POST',
        url,
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token, ...fields }).toString(),
      });
    },
  };
}

/** The hidden token of the forms of a page. */
export function tokenIn(page: string): string {
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1];
  if (token === undefined) throw new Error('no form on this page');
  return token;
}
