/** What we use of oidc-provider, which comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Context {
    type: string;
    body: string;
    readonly ip: string;
    readonly oidc: {
      readonly client: { readonly clientId: string };
      readonly params?: Readonly<Record<string, string | undefined>>;
      readonly result?: { readonly login?: object };
      readonly session: {
        readonly accountId?: string;
        readonly acr?: string;
        grantIdFor(clientId: string): string | undefined;
      };
      readonly provider: Provider;
    };
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ readonly uid: string }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<void>;
    on(event: string, listener: (...given: readonly unknown[]) => void): void;
    readonly Grant: {
      new (of: { readonly accountId: string; readonly clientId: string }): Grant;
      find(id: string): Promise<Grant | undefined>;
    };
  }

  export namespace interactionPolicy {
    class Check {
      constructor(reason: string, description: string, check: (context: Context) => boolean);
    }
    interface Prompt {
      readonly checks: { add(check: Check): void };
    }
    function base(): { get(name: string): Prompt | undefined };
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  /** An adapter with a storage of its own. */
  export function createMemoryAdapter(clockToleranceSeconds: number): new (model: string) => object;
}
