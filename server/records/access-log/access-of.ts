import type { Professional } from '../../identity/professional.ts';
import type { Access } from './log-access.ts';

/** What of a Fastify request goes into the access log. */
interface Asked {
  readonly id: string;
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly professional: Professional;
}

/**
 * Who asks for what, by the route's pattern and never its address: addresses hold identifiers.
 * @param onBehalfOf `professionals.id` of whom a delegate acts for.
 */
export function accessOf(request: Asked, action: string, onBehalfOf: string | null = null): Access {
  const { id, method, routeOptions, professional } = request;
  return { professional, onBehalfOf, action, route: `${method} ${routeOptions.url ?? '?'}`, requestId: id };
}
