import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const pictures = join(import.meta.dirname, '../../screenshots');

/** Pages by their names, each with the way to it. */
export type Pages = Record<string, (page: Page) => Promise<unknown>>;

export type OpenedPage = Awaited<ReturnType<typeof openPage>>;

/** `describe` where there is a Chromium; elsewhere a loud skip, since a silent one looks like a success. */
export function describeInBrowser(name: string, body: () => void): void {
  if (process.env['COHORT_TEST_CHROMIUM']) return describe(name, body);
  process.stderr.write(`\n*** SKIPPED: "${name}" needs Chromium, and there is none on the PATH. ***\n`);
  describe.skip(name, body);
}

/** The Chromium of the run. To close it ends the pages that were opened through this connection. */
export async function connectToChromium(): Promise<Browser> {
  return chromium.connect(process.env['COHORT_TEST_CHROMIUM']!);
}

/** A page in a context of its own. Whatever the console says of a refused script or style fails the test that asks. */
export async function openPage(
  browser: Browser,
  more: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[]; close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...more });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

export async function submitFields(page: Page, fields: Record<string, string>, button = '#submit'): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
  await page.click(button);
}

/** For a user to look at, when they ask for it with `COHORT_TEST_PICTURES=on`: `screenshots/<name>.png`. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['COHORT_TEST_PICTURES'] !== 'on') return;
  mkdirSync(pictures, { recursive: true });
  // The reference of the API is many screens long, and a busy machine takes its time over it.
  await page.screenshot({
    path: join(pictures, `${name.replaceAll('/', ' ').trim()}.png`),
    fullPage: true,
    timeout: 60_000,
  });
}
