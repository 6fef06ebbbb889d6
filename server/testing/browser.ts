import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import chromiumForLinux from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** A real Chromium: npm's own on Linux x64, elsewhere the Chrome that is installed. `args` are switches of its own. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const executablePath = await chromiumForLinux.executablePath();
    // Not the package's own arguments: they are for one page in a tiny machine, and switch web security off.
    return chromium.launch({ executablePath, args: ['--no-sandbox', ...args], headless: true });
  }
  return chromium.launch({ channel: 'chrome', args: [...args], headless: true });
}

/** One accessibility fault, in few words. */
export interface AccessibilityFault {
  readonly rule: string;
  readonly impact: string;
  readonly where: readonly string[];
}

/**
 * What axe-core finds on the page as it stands, by the rules of WCAG 2.2 AA and axe's best practices.
 * Needs a context with scripts; what a page without them looks like is checked by opening the same address with them.
 */
export async function accessibilityFaults(page: Page): Promise<readonly AccessibilityFault[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe;
    const { violations } = await axe.run();
    return violations.map((violation) => ({
      rule: violation.id,
      impact: violation.impact ?? 'unknown',
      where: violation.nodes.map((node) => node.target.join(' ')),
    }));
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact?: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}
