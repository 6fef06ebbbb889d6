import { afterEach, beforeAll, beforeEach } from 'vitest';
import { caseEvents, caseMessages, cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import type { SnapshotMessage } from '#server/live-queue/messages.ts';
import { aCase, anAgent, signedIn, type TestAgent } from './builders.ts';
import { type LiveClient, type LiveWish, liveClient } from './live-client.ts';
import type { TestApp } from './test-app.ts';
import type { TestDatabase } from './test-database.ts';

export interface LiveDesk {
  /** Alice, who answers both hotlines and has room; read inside tests only. */
  readonly agent: TestAgent;
  readonly cookie: string;
  /** Connects to the live queue as Alice; the connection ends with the test. */
  connect(wish?: LiveWish): Promise<LiveClient>;
  /** Connects, and takes the snapshot. */
  watch(wish?: LiveWish): Promise<LiveClient & { readonly snapshot: SnapshotMessage }>;
  /** Gives a command on a case as Alice. @returns the status. */
  post(path: string, payload?: object): Promise<number>;
  /** Opens a case as the practitioner's side does, and rings. */
  arrive(overrides?: Parameters<typeof aCase>[1]): Promise<CaseRecord>;
}

/** An app that listens, an agent who is signed in, and no case at the beginning of each test. */
export function liveDesk(database: TestDatabase, server: TestApp): LiveDesk {
  let alice: { readonly agent: TestAgent; readonly cookie: string } | undefined;
  let open: LiveClient[] = [];

  beforeAll(async () => {
    await server.app.listen({ port: 0, host: '127.0.0.1' });
    const hotlines = ['etablissements', 'liberaux'];
    const agent = await anAgent(database.db, { name: 'Alice', hotlines, capacity: 99 });
    alice = { agent, cookie: await signedIn(server, agent) };
  });
  beforeEach(async () => {
    await database.db.delete(caseMessages);
    await database.db.delete(caseEvents);
    await database.db.delete(cases);
  });
  afterEach(async () => {
    await Promise.all(open.map((client) => client.end()));
    open = [];
  });

  const ready = () => {
    if (!alice) throw new Error('the desk is there only while the tests run');
    return alice;
  };

  async function connect(wish: LiveWish = {}): Promise<LiveClient> {
    const client = await liveClient(server.app, { cookie: ready().cookie, ...wish });
    open.push(client);
    return client;
  }

  return {
    get agent() {
      return ready().agent;
    },
    get cookie() {
      return ready().cookie;
    },
    connect,
    async watch(wish) {
      const client = await connect(wish);
      client.say({ type: 'resume' });
      return Object.assign(client, { snapshot: await client.next('snapshot') });
    },
    async post(path, payload = {}) {
      const url = `/api/cases/${path}`;
      const headers = { cookie: ready().cookie };
      return (await server.app.inject({ method: 'POST', url, headers, payload })).statusCode;
    },
    async arrive(overrides) {
      const opened = await aCase(database.db, overrides);
      server.deps.doorbell.ring();
      return opened;
    },
  };
}
