import type { PlainBrowser } from '../../src/demo/plain-browser.ts';
import { everyGroup } from '../../src/groups/group-search.ts';
import { enterConsole } from '../support/console.ts';
import { givePerson, startHouse, type TestHouse } from '../support/house.ts';

describe("the console's pages of groups, without script", () => {
  let test: TestHouse;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startHouse();
    await givePerson(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/groups'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string) => browser.open(`${test.issuer}${path}`);
  const named = async (name: string) =>
    (await test.house.groups.search({ ...everyGroup, name }, { list: '', limit: 1 })).items[0];

  describe('a new one', () => {
    const typed = { name: 'Founders', description: '', parent: '' };

    it('is made with those who are ticked', async () => {
      const ada = await givePerson(test, 'ada@example.com');
      const page = await open('/console/groups/new');
      const made = await browser.press(page, 'finish', { ...typed, [`user:${ada.id}`]: 'yes' });
      expect(made.html).toContain('The group is created, with its users.');
      expect((await test.house.users.get(ada.id)).memberships.map(({ group }) => group)).toEqual([
        (await named('founders'))?.id,
      ]);
    });

    it('is not made when one of them is gone meanwhile; the form keeps the others', async () => {
      const grace = await givePerson(test, 'grace@example.com');
      const boxes = { [`user:${grace.id}`]: 'yes', 'user:ffffffffffffffff': 'yes' };
      const page = await open('/console/groups/new');
      const refused = await browser.press(page, 'finish', { ...typed, name: 'Unfounded', ...boxes });
      expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('The group is not created yet.')]);
      expect(await named('unfounded')).toBeUndefined();
      const made = await browser.press(refused, 'finish');
      expect(made.html).toContain('The group is created, with its users.');
      expect((await test.house.users.get(grace.id)).memberships).toHaveLength(1);
    });
  });
});
