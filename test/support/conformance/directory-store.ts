import type { Connection } from 'mongoose';
import { toPageRequest, type Page, type PageRequest } from '../../../src/platform/paging.ts';
import { openStore, type OpenStore } from '../database.ts';
import { race, tally } from './racing.ts';

/** What the stores of users, groups, roles and applications have in common. */
export interface DirectoryStore<T> {
  insert(thing: T): Promise<'inserted' | 'duplicate'>;
  find(id: string): Promise<T | undefined>;
  remove(id: string): Promise<T | undefined>;
  /** All of them, in the order of their names. */
  page(request: PageRequest): Promise<Page<T>>;
}

export interface DirectoryConformance<T> {
  open(connection: Connection): DirectoryStore<T>;
  /** A new one with this number; a higher number comes later in the order of names. */
  make(number: number): T;
  /** Another one that cannot be beside it. */
  rivalOf(thing: T): T;
}

const MANY = 23;

/** Declares the tests that every store of the directory passes. */
export function describeDirectoryStore<T extends { id: string }>({
  open,
  make,
  rivalOf,
}: DirectoryConformance<T>): void {
  let opened: OpenStore<DirectoryStore<T>>;
  let store: DirectoryStore<T>;
  beforeAll(async () => {
    opened = await openStore(open);
    ({ store } = opened);
  });
  beforeEach(() => opened.clear());
  afterAll(() => opened.close());

  const fill = async (numbers: number[]) => {
    for (const number of numbers) expect(await store.insert(make(number))).toBe('inserted');
  };
  const numbersTo = (count: number) => Array.from({ length: count }, (_, number) => number);

  it('gives back what was inserted', async () => {
    await fill([1, 2]);
    expect(await store.find(make(2).id)).toEqual(make(2));
  });

  it('finds and removes nothing that is not there', async () => {
    await fill([1]);
    expect([await store.find(make(2).id), await store.remove(make(2).id)]).toEqual([undefined, undefined]);
    expect(await store.find(make(1).id)).toEqual(make(1));
  });

  it('gives back what it removes, once', async () => {
    await fill([1]);
    expect(await store.remove(make(1).id)).toEqual(make(1));
    expect([await store.find(make(1).id), await store.remove(make(1).id)]).toEqual([undefined, undefined]);
  });

  it('refuses a duplicate, and keeps the first', async () => {
    await fill([1]);
    expect(await store.insert(rivalOf(make(1)))).toBe('duplicate');
    expect(await store.find(make(1).id)).toEqual(make(1));
    await store.remove(make(1).id);
    expect(await store.insert(rivalOf(make(1)))).toBe('inserted');
  });

  it('lets one of fifty rivals in', async () => {
    const other = await opened.openAgain();
    const storeOf = (racer: number) => (racer % 2 === 0 ? store : other.store);
    const outcomes = await race((racer) => storeOf(racer).insert(racer % 4 < 2 ? make(1) : rivalOf(make(1))));
    expect(tally(outcomes)).toEqual({ inserted: 1, duplicate: 49 });
    await other.database.close();
  });

  /** Reads pages of five, by the cursors, as long as there is one. */
  async function walk(direction: 'next' | 'previous', start: Page<T>): Promise<T[][]> {
    const pages = [start.items];
    for (let cursor = start[direction]; cursor !== null;) {
      const page = await store.page(toPageRequest('list', { limit: 5, cursor }));
      pages.push(page.items);
      cursor = page[direction];
    }
    return pages;
  }
  const firstPage = () => store.page(toPageRequest('list', { limit: 5 }));
  const idsOf = (pages: T[][]) => pages.flat().map(({ id }) => id);

  it('pages through all of them, in order and each once, whatever the order of insertion', async () => {
    const inOrder = numbersTo(MANY).map((number) => make(number).id);
    await fill(numbersTo(MANY).toSorted((a, b) => ((a * 7) % MANY) - ((b * 7) % MANY)));
    const pages = await walk('next', await firstPage());
    expect(idsOf(pages)).toEqual(inOrder);
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 5, 5, 3]);
  });

  it('goes back over the same pages', async () => {
    await fill(numbersTo(MANY));
    const third = await firstPage()
      .then(({ next }) => store.page(toPageRequest('list', { limit: 5, cursor: next! })))
      .then(({ next }) => store.page(toPageRequest('list', { limit: 5, cursor: next! })));
    const pages = await walk('previous', third);
    expect(idsOf(pages.toReversed())).toEqual(numbersTo(15).map((number) => make(number).id));
  });

  it('neither repeats nor leaves out what stays, when others come and go between two pages', async () => {
    await fill(numbersTo(MANY).filter((number) => number !== 2 && number !== 12));
    const first = await firstPage();
    await fill([2, 12]);
    await store.remove(make(3).id);
    await store.remove(make(20).id);
    const [, ...later] = await walk('next', first);
    const expected = numbersTo(MANY).filter((number) => number > 5 && number !== 20);
    expect(idsOf(later)).toEqual(expected.map((number) => make(number).id));
  });

  it('has one empty page when there is nothing', async () => {
    expect(await firstPage()).toEqual({ items: [], next: null, previous: null });
  });
}

export interface RenamingConformance<T> {
  open(connection: Connection): Pick<DirectoryStore<T>, 'insert' | 'find'> & {
    rename(id: string, name: string): Promise<T | 'duplicate' | 'missing'>;
  };
  make(number: number): T;
  /** Whether no other thing can have the name that a thing had before. */
  keepsOldName?: boolean;
}

/** Declares the tests that every store passes whose things have a name that no other one has. */
export function describeRenaming<T extends { id: string; name: string }>({
  open,
  make,
  keepsOldName = false,
}: RenamingConformance<T>): void {
  let opened: OpenStore<ReturnType<typeof open>>;
  let store: ReturnType<typeof open>;
  beforeAll(async () => {
    opened = await openStore(open);
    ({ store } = opened);
  });
  beforeEach(async () => {
    await opened.clear();
    for (const number of [1, 2]) await store.insert(make(number));
  });
  afterAll(() => opened.close());

  const first = make(1);
  const second = make(2);

  it(`renames, and ${keepsOldName ? 'keeps the old name' : 'gives the old name free'}`, async () => {
    expect(await store.rename(first.id, 'Navigators')).toMatchObject({ id: first.id, name: 'Navigators' });
    expect(await store.find(first.id)).toMatchObject({ name: 'Navigators' });
    expect(await store.insert({ ...make(3), name: first.name })).toBe(keepsOldName ? 'duplicate' : 'inserted');
  });

  it('does not rename to a name that is taken, in whatever case, and changes nothing', async () => {
    expect(await store.rename(first.id, second.name.toUpperCase())).toBe('duplicate');
    expect(await store.find(first.id)).toEqual(first);
  });

  it('lets a thing change the case of its own name', async () => {
    expect(await store.rename(first.id, first.name.toUpperCase())).toMatchObject({ name: first.name.toUpperCase() });
  });

  it('says when there is nothing to rename', async () => {
    expect(await store.rename(make(3).id, 'Navigators')).toBe('missing');
  });

  it('lets one of fifty have a name', async () => {
    for (let number = 3; number <= 50; number += 1) await store.insert(make(number));
    const outcomes = await race(async (racer) => {
      const outcome = await store.rename(make(racer + 1).id, 'Navigators');
      return typeof outcome === 'string' ? outcome : 'renamed';
    });
    expect(tally(outcomes)).toEqual({ renamed: 1, duplicate: 49 });
  });
}
