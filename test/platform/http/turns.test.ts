import type { Context } from 'koa';
import { onePageInEachTurn } from '../../../src/platform/http/turns.ts';

const asking = (accept: string) => ({ get: (name: string) => (name === 'accept' ? accept : '') }) as Context;
const PAGE = asking('text/html,application/xhtml+xml');
const OTHER = asking('application/json');

describe('a crowd that opens pages', () => {
  let turn = 0;
  let counting: NodeJS.Immediate;
  const count = () => {
    turn += 1;
    counting = setImmediate(count);
  };
  beforeAll(count);
  afterAll(() => clearImmediate(counting));

  it('is let in one by one, and everybody else at once', async () => {
    const step = onePageInEachTurn();
    const begun: { who: string; turn: number }[] = [];
    const begin = (who: string) => async () => void begun.push({ who, turn });
    const pages = Array.from({ length: 20 }, (_, index) => step(PAGE, begin(`page ${index}`)));
    await step(OTHER, begin('other'));
    await Promise.all(pages);
    expect(begun.map(({ who }) => who)).toEqual([
      'other',
      ...Array.from({ length: 20 }, (_, index) => `page ${index}`),
    ]);
    expect(new Set(begun.slice(1).map((each) => each.turn)).size).toBe(20);
  });

  it('is let in again after it has gone', async () => {
    const step = onePageInEachTurn();
    for (let times = 0; times < 3; times += 1) await step(PAGE, async () => undefined);
  });
});
