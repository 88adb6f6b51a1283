import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');
const pictures = join(root, 'screenshots');
const axe = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

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

/** Of things that repeat a hundred times, as in the reference of the API or in a choice of time zones, axe looks at the first. */
const REPEATED = [
  '.operation ~ .operation',
  'section:has(.operation) ~ section',
  '.schema ~ .schema',
  'option ~ option',
];

/**
 * What axe finds wrong, by all of its rules or by these. The page runs it itself and tells the faults alone: the way round
 * by a second, blank page that puts together what several frames found takes three times as long, and there is one frame.
 */
/** Words that only a defect puts on a page: a value or a text that is not there. */
export async function strayWords(page: Page): Promise<string[]> {
  // What is there to be pasted is code, which may have such words.
  const prune = "(copy) => (copy.querySelectorAll('pre').forEach((each) => each.remove()), copy.textContent)";
  const text = await page.evaluate<string>(`(${prune})(document.body.cloneNode(true))`);
  return text.match(/\S*(\bundefined\b|\bNaN\b|\[object )\S*/g) ?? [];
}

export async function axeViolations(page: Page, rules?: string[]): Promise<string[]> {
  // It would wait for ever for its answer from a frame in which no script may run.
  await page.locator('iframe[sandbox]').evaluateAll((frames) => frames.forEach((frame) => frame.remove()));
  // A colour that is half-way to another has the contrast of neither.
  const changes = 'document.getAnimations().filter((each) => each instanceof CSSTransition)';
  await page.evaluate(`Promise.allSettled(${changes}.map((each) => each.finished)).then(() => undefined)`);
  await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) };
  const run = `axe.run(${JSON.stringify({ exclude: REPEATED })}, ${JSON.stringify(options)})`;
  const violations = await page.evaluate<Violation[]>(`${run}.then(({ violations }) => violations)`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

interface Violation {
  id: string;
  nodes: { target: string[] }[];
}

export interface Look {
  viewport: { width: number; height: number };
  colorScheme: 'light' | 'dark';
}

/** What pages are opened on: where there is little room, buttons get into one another's way. */
export const darkPhone = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
  colorScheme: 'dark',
} as const;

/** Looks at the open page on another screen or in another scheme; the way to it is the longer part of a test. */
export async function changeLook(page: Page, { viewport, colorScheme }: Partial<Look>): Promise<void> {
  if (viewport) await page.setViewportSize(viewport);
  if (colorScheme) await page.emulateMedia({ colorScheme });
}

/** What axe finds wrong with a page on the phone in the dark that it was opened on, and on a desktop in the light. */
export async function faultsInBothLooks(page: Page, name: string): Promise<string[]> {
  await picture(page, `${name} (dark)`);
  const inTheDark = await axeViolations(page);
  // Compared with the rest by now, which is all that they were there for.
  await page.locator(REPEATED.join()).evaluateAll((all) => all.forEach((each) => each.remove()));
  await changeLook(page, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await picture(page, `${name} (light)`);
  const inTheLight = await axeViolations(page);
  return [...inTheDark.map((fault) => `dark phone: ${fault}`), ...inTheLight.map((fault) => `light: ${fault}`)];
}

/** For a person to look at, when they ask for it with `COHORT_TEST_PICTURES=on`: `screenshots/<name>.png`. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['COHORT_TEST_PICTURES'] !== 'on') return;
  mkdirSync(pictures, { recursive: true });
  // The reference of the API is many screens long, and a busy machine takes its time over it.
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, timeout: 60_000 });
}
