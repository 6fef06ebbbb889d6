import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** A real Chromium: npm's own on Linux x64, elsewhere the Chrome that is installed. `args` are switches of its own. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const executablePath = unpackedChromium();
    // Not the package's own arguments: they are for one page in a tiny machine, and switch web security off.
    return chromium.launch({ executablePath, args: ['--no-sandbox', ...args], headless: true });
  }
  return chromium.launch({ channel: 'chrome', args: [...args], headless: true });
}

/**
 * npm's Chromium, unpacked once for each of its versions. Apart, and put in its place when it is whole: the package itself
 * takes what another process is still unpacking, or was killed unpacking, for the browser.
 * @returns the program's path.
 */
export function unpackedChromium(): string {
  const packaged = import.meta.resolve('@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', packaged), 'utf8'));
  const place = join(tmpdir(), `aiguillage-chromium-${version}`);
  const program = join(place, 'chromium');
  if (existsSync(program)) return program;
  const apart = mkdtempSync(`${place}-`);
  try {
    const source = `import chromium from ${JSON.stringify(packaged)}; await chromium.executablePath();`;
    execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
      // The package unpacks into the folder for temporary files.
      env: { ...process.env, TMPDIR: apart },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(apart, place);
  } catch (error) {
    // Another process was first.
    if (!existsSync(program)) throw error;
  } finally {
    rmSync(apart, { recursive: true, force: true });
  }
  return program;
}

/**
 * Listens to what an element says, be it for a moment only: seen from outside, a page is looked at twice a second.
 * @returns what waits for its first words after this was called.
 */
export async function wordsIn(page: Page, selector: string): Promise<() => Promise<string>> {
  const heard = await page.evaluateHandle((wanted) => {
    const element = document.querySelector(wanted);
    if (!element) throw new Error(`no ${wanted} on this page`);
    const words = new Promise<string>((resolve) => {
      new MutationObserver((_, observer) => {
        const text = element.textContent?.trim() ?? '';
        if (text === '') return;
        observer.disconnect();
        resolve(text);
      }).observe(element, { childList: true, characterData: true, subtree: true });
    });
    return { words };
  }, selector);
  return () => heard.evaluate(({ words }) => words);
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
  // A click waits for the answer to begin, not for the whole page.
  await page.waitForLoadState();
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
