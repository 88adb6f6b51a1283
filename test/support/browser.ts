import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const pictures = join(import.meta.dirname, '..', '..', 'screenshots');

/** Where Debian and others put Chromium; undefined on a machine without one. */
export function chromiumPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  const candidates = folders.flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  );
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `describe` where there is a Chromium; elsewhere a loud skip, since a silent one looks like a success. */
export function describeInBrowser(name: string, body: () => void): void {
  if (chromiumPath()) return describe(name, body);
  process.stderr.write(`\n*** SKIPPED: "${name}" needs Chromium, and there is none on the PATH. ***\n`);
  describe.skip(name, body);
}

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath()!, args: FLAGS });
}

/** A page in a context of its own. Whatever the console says of a refused script or style fails the test that asks. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[]; close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

/**
 * What axe finds wrong, by all of its rules or by these. Of things that repeat a hundred times, as in the reference of the
 * API or in a choice of time zones, it looks at the first.
 */
export async function axeViolations(page: Page, rules?: string[]): Promise<string[]> {
  // It would wait for ever for its answer from a frame in which no script may run.
  await page.locator('iframe[sandbox]').evaluateAll((frames) => frames.forEach((frame) => frame.remove()));
  const builder = new AxeBuilder({ page })
    .exclude('.operation ~ .operation')
    .exclude('section:has(.operation) ~ section')
    .exclude('.schema ~ .schema')
    .exclude('option ~ option');
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** For a person to look at: `screenshots/<name>.png`. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  // The reference of the API is many screens long, and a busy machine takes its time over it.
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, timeout: 60_000 });
}
