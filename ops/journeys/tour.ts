import type { BrowserContext, Page } from 'playwright-core';
import type { RunningProduct } from './running-product.ts';
import { deskStops } from './tour-desk.ts';
import { practitionerStops } from './tour-practitioner.ts';
import { establishmentStops, recordsStops } from './tour-records.ts';

/** A page of the product, with something on it. */
export interface Stop {
  readonly name: string;
  readonly path: string;
  /** What the path answers, so that no stop turns into a refusal unseen; 200 when absent. */
  readonly status?: number;
  /** What its reader does there first, to come to what is looked at. */
  readonly act?: (page: Page) => Promise<void>;
}

/** Stops that one reader sees, and the cookies of whoever is signed in. */
export interface Part {
  readonly stops: readonly Stop[];
  readonly cookies: readonly { readonly name: string; readonly value: string }[];
}

export interface Tour {
  readonly stops: readonly Stop[];
  /** Opens a stop in a fresh page, as its reader would see it. */
  open(stop: Stop, look: { readonly colorScheme: 'light' | 'dark'; readonly width: number }): Promise<Page>;
  close(): Promise<void>;
}

/** The account of the agent who is shown the desk: a supervisor, who sees all of it. */
export interface TourAgent {
  readonly email: string;
  readonly password: string;
}

/** Prepares sessions, a case, an incident, patients through the API, and lists every kind of page that they give. */
export async function takeTour(product: RunningProduct, agent: TourAgent): Promise<Tour> {
  const { origin } = product;
  const practitioner = await practitionerStops(product);
  const desk = await deskStops(product, agent, practitioner.number);
  const records = await recordsStops(product);
  const establishment = await establishmentStops(product);
  const cookies = new Map<Stop, Part['cookies']>();
  for (const part of [practitioner, desk, records, establishment])
    for (const stop of part.stops) cookies.set(stop, part.cookies);

  const contexts: BrowserContext[] = [];
  return {
    stops: [...cookies.keys()],
    async open(stop, { colorScheme, width }) {
      const context = await product.browser.newContext({
        colorScheme,
        viewport: { width, height: 800 },
        locale: 'fr-FR',
        timezoneId: 'Europe/Paris',
        bypassCSP: true,
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      const given = cookies.get(stop) ?? [];
      await context.addCookies(given.map(({ name, value }) => ({ name, value, url: origin })));
      const page = await context.newPage();
      const response = await page.goto(origin + stop.path);
      const { status = 200 } = stop;
      if (response?.status() !== status)
        throw new Error(`${stop.name}: ${response?.status()}, not ${status}`);
      try {
        await stop.act?.(page);
      } catch (cause) {
        const shown = await page.locator('main').innerText();
        throw new Error(`${stop.name}: its reader could not do their part on « ${shown} »`, { cause });
      }
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

/** Sends JSON to the product. @throws Error when it refuses. */
export async function post(
  origin: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
