import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'koa';
import type { CohortError } from '../../../src/platform/errors.ts';
import { toProblem } from '../../../src/platform/http/problems.ts';
import { takeTurns } from '../../../src/platform/http/turns.ts';

const asking = (accept: string, path = '/') =>
  ({ state: {}, path, get: (name: string) => (name === 'accept' ? accept : '') }) as unknown as Context;
const PAGE = asking('text/html,application/xhtml+xml');
const END = asking('text/html', '/end');
const OTHER = asking('application/json');

const occupy = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

describe('a crowd that opens pages', () => {
  let turn = 0;
  let counting: NodeJS.Immediate;
  const count = () => {
    turn += 1;
    counting = setImmediate(count);
  };
  beforeEach(count);
  afterEach(() => clearImmediate(counting));

  let isBusy = false;
  const createStep = (atOnce = 1) =>
    takeTurns({
      atOnce,
      isBusy: () => isBusy,
      isEnd: ({ path }) => path === '/end',
    });
  const crowd = (size: number, open: (index: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: size }, (_, index) => open(index)));

  it('is let in one by one, and everybody else and who has had a turn at once', async () => {
    const step = createStep();
    const begun: { who: string; turn: number }[] = [];
    const begin = (who: string) => async () => void begun.push({ who, turn });
    const pages = crowd(20, (index) => step(PAGE, begin(`page ${index}`)));
    await step(OTHER, begin('other'));
    await step(END, begin('end'));
    await pages;
    expect(begun.map(({ who }) => who)).toEqual([
      'other',
      'end',
      ...Array.from({ length: 20 }, (_, index) => `page ${index}`),
    ]);
    expect(new Set(begun.slice(2).map((each) => each.turn)).size).toBe(20);
  });

  it('is let in again after it has gone, and after a page has failed', async () => {
    const step = createStep();
    const fail = step(PAGE, () => Promise.reject(new Error('no')));
    await expect(fail).rejects.toThrow('no');
    for (let times = 0; times < 3; times += 1) await step(PAGE, async () => undefined);
  });

  it.each([1, 3])('has at most %d pages under way while there is something to do', async (atOnce) => {
    const step = createStep(atOnce);
    isBusy = true;
    let underWay = 0;
    let most = 0;
    await crowd(20, () =>
      step(PAGE, async () => {
        most = Math.max(most, (underWay += 1));
        occupy(1);
        await sleep(2);
        underWay -= 1;
      }),
    );
    isBusy = false;
    expect(most).toBe(atOnce);
  });

  it('has more under way where they only wait, and some in any case', async () => {
    clearImmediate(counting);
    const step = createStep();
    const open = () => step(PAGE, () => sleep(400));
    const began = performance.now();
    await crowd(20, open);
    expect(performance.now() - began).toBeLessThan(2000);
    isBusy = true;
    const beganBusy = performance.now();
    await crowd(5, open);
    isBusy = false;
    expect(performance.now() - beganBusy).toBeLessThan(1500);
  });

  it('is refused with a time to come again when too many wait', async () => {
    const step = createStep();
    isBusy = true;
    let shown = 0;
    const refused: unknown[] = [];
    const refuse = (error: CohortError) => void refused.push([toProblem(error, undefined).status, error.retryAfter]);
    const pages = crowd(350, () => step(PAGE, async () => void (shown += 1)).catch(refuse));
    await step(OTHER, async () => undefined);
    await pages;
    isBusy = false;
    expect([shown, refused.length, refused[0]]).toEqual([300, 50, [503, 5]]);
  });
});
