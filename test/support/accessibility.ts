import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { picture, type OpenedPage, type Pages } from './browser.ts';
import { changeLook, lightDesktop, nameOf, touchPhone, type Look } from './looks.ts';

const axe = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

/** Of things that repeat a hundred times, as in the reference of the API or in a choice of time zones, axe looks at the first. */
const REPEATED = [
  '.operation ~ .operation',
  'section:has(.operation) ~ section',
  '.schema ~ .schema',
  'option ~ option',
];

interface Violation {
  id: string;
  nodes: { target: string[] }[];
}

/**
 * What axe finds wrong, by all of its rules or by these. The page runs it itself and tells the faults alone: the way round
 * by a second, blank page that puts together what several frames found takes three times as long, and there is one frame.
 */
export async function axeViolations(page: Page, rules?: string[]): Promise<string[]> {
  // It would wait for ever for its answer from a frame in which no script may run.
  await page.locator('iframe[sandbox]').evaluateAll((frames) => frames.forEach((frame) => frame.remove()));
  // A colour that is half-way to another has the contrast of neither. To wait for its end could take for ever where no frames are drawn.
  const changes = 'document.getAnimations().filter((each) => each instanceof CSSTransition)';
  await page.evaluate(`${changes}.forEach((each) => each.finish())`);
  // To compile it takes as long as to run it, and a page is looked at more than once.
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) };
  const run = `axe.run(${JSON.stringify({ exclude: REPEATED })}, ${JSON.stringify(options)})`;
  const violations = await page.evaluate<Violation[]>(`${run}.then(({ violations }) => violations)`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** What is wrong with the page in this look: what axe finds, values and texts that are not there, what is too wide. */
export async function faultsInLook(page: Page, title: string, look: Look): Promise<string[]> {
  await changeLook(page, look);
  const heading = `${title} ${nameOf(look)}`;
  await picture(page, heading);
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  const tooWide = width > look.viewport.width ? [`is ${width} wide`] : [];
  return [...(await axeViolations(page)), ...(await strayWords(page)), ...tooWide].map(
    (fault) => `${heading}: ${fault}`,
  );
}

/** Words that only a defect puts on a page: a value or a text that is not there. */
async function strayWords(page: Page): Promise<string[]> {
  // What is there to be pasted is code, which may have such words.
  const prune = "(copy) => (copy.querySelectorAll('pre').forEach((each) => each.remove()), copy.textContent)";
  const text = await page.evaluate<string>(`(${prune})(document.body.cloneNode(true))`);
  return text.match(/\S*(\bundefined\b|\bNaN\b|\[object )\S*/g) ?? [];
}

/** Declares a test for each page: nothing that axe or the Content-Security-Policy finds, on a dark phone and a light desktop. */
export function itPassesAxe(
  names: string[],
  {
    section,
    open,
    pages,
  }: { section: string; open(options: BrowserContextOptions): Promise<OpenedPage>; pages: Pages },
): void {
  it.each(names)(
    'passes axe and keeps the Content-Security-Policy, dark and light: %s',
    async (name) => {
      const { page, complaints, close } = await open(touchPhone);
      await pages[name]!(page);
      await page.waitForSelector('h1');
      expect([...(await faultsInBothLooks(page, `${section} - ${name}`)), ...complaints]).toEqual([]);
      await close();
    },
    120_000,
  );
}

/** What axe finds wrong with a page on the phone in the dark that it was opened on, and on a desktop in the light. */
async function faultsInBothLooks(page: Page, name: string): Promise<string[]> {
  await picture(page, `${name} (dark)`);
  const inTheDark = await axeViolations(page);
  // Compared with the rest by now, which is all that they were there for.
  await page.locator(REPEATED.join()).evaluateAll((all) => all.forEach((each) => each.remove()));
  await changeLook(page, lightDesktop);
  await picture(page, `${name} (light)`);
  const inTheLight = await axeViolations(page);
  return [...inTheDark.map((fault) => `dark phone: ${fault}`), ...inTheLight.map((fault) => `light: ${fault}`)];
}
