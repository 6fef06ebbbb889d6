import type { Page } from 'playwright-core';

/** Signs in as one of the sample professionals (ops/embedded/sign-in), as people do, and goes on to `path`. */
export async function signInAtWallet(page: Page, who: string, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('link', { name: 'Se connecter avec Pro Santé Connect' }).click();
  const choice = page.locator(`button[name="who"][value="${who}"]`);
  // The wallet knows again whoever signed in there in the last hours, and asks nothing.
  const there = (url: URL) => url.pathname + url.search === path || url.pathname.includes('/interaction/');
  await page.waitForURL(there);
  if ((await choice.count()) > 0) await choice.click();
  await page.waitForURL((url) => url.pathname === path);
}
