import fc from 'fast-check';
import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

// Everything that is asked here, a naive model answers too: it keeps what is so now, and writes down each second.

const GROUPS = 4;
const USERS = 2;
const TICKS = 8;

const group = fc.nat(GROUPS - 1);
const user = fc.nat(USERS - 1);
const from = fc.option(fc.integer({ min: -3, max: 5 }), { nil: undefined });
const until = fc.option(fc.integer({ min: -1, max: 6 }), { nil: undefined });
const move = fc.record({ group, parent: fc.option(group) });
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), user, group, from, until }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change' as const), user, group, from, until }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), user, group }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), moves: fc.tuple(move, move) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), group }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const) }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer One> ? One : never;
type Move = typeof move extends fc.Arbitrary<infer One> ? One : never;

interface Period {
  from?: number | undefined;
  until?: number | undefined;
}

/** The naive model: times are ticks. */
interface Model {
  tick: number;
  /** By user, then by group. */
  memberships: Map<number, Period>[];
  parents: (number | undefined)[];
  deleted: Set<number>;
}

const isOver = ({ until: end = Infinity }: Period, tick: number) => end <= tick;
const counts = (period: Period, tick: number) => (period.from ?? -Infinity) <= tick && !isOver(period, tick);
const isPossible = ({ from: start = -Infinity, until: end = Infinity }: Period, tick: number) =>
  end > tick && end > start;

const directOf = ({ memberships, deleted, tick }: Model, one: number): number[] =>
  [...memberships[one]!]
    .filter(([id, period]) => !deleted.has(id) && counts(period, tick))
    .map(([id]) => id)
    .sort();

/** The groups of a user with the tick at which the last membership behind each ends. */
function effectiveOf(model: Model, one: number): Map<number, number> {
  const ends = new Map<number, number>();
  for (const id of directOf(model, one)) {
    const end = model.memberships[one]!.get(id)!.until ?? Infinity;
    for (let here: number | undefined = id; here !== undefined; here = model.parents[here])
      ends.set(here, Math.max(ends.get(here) ?? 0, end));
  }
  return ends;
}

/** The forest after a move; the same one when it is refused. */
function moved({ parents, deleted }: Model, now: Model['parents'], { group: id, parent }: Move): Model['parents'] {
  if (deleted.has(id) || (parent !== null && deleted.has(parent))) return now;
  for (let here: number | undefined = parent ?? undefined; here !== undefined; here = now[here])
    if (here === id) return now;
  return parents.map((_, index) => (index === id ? (parent ?? undefined) : now[index]));
}

describe('who is in what, and was when', () => {
  let test: TestApp;
  let token: string;
  let at = Math.ceil(Date.now() / 1000);
  let count = 0;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(at * 1000) });
  });
  afterAll(() => test.tearDown());

  const get = async <Result>(path: string) => {
    const reply = await test.http.get(path).set('authorization', `Bearer ${token}`);
    expect([path, reply.status]).toEqual([path, 200]);
    return reply.body as { result: Result; next: string | null };
  };
  const unless = async (work: Promise<unknown>, codes: string[]): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!codes.includes((error as { code?: string }).code ?? '')) throw error;
    });
  };

  async function playOn(deeds: Deed[][]): Promise<void> {
    count += 1;
    at += 100;
    const start = at;
    token = await adminToken(test);
    const users = await Promise.all(
      Array.from({ length: USERS }, (_, index) => giveUser(test, `m${count}-${index}@example.com`)),
    );
    const groups = await Promise.all(
      Array.from({ length: GROUPS }, (_, index) => giveGroup(test, `G${count}-${index}`)),
    );
    const ids = groups.map(({ id }) => id);
    const model: Model = {
      tick: 0,
      memberships: users.map(() => new Map<number, Period>()),
      parents: groups.map(() => undefined),
      deleted: new Set(),
    };
    const time = (tick: number | undefined) => (tick === undefined ? undefined : new Date((start + tick) * 1000));
    const { memberships } = test.app;
    const shiftedBy = (given: Period): Period => ({
      ...(given.from === undefined ? {} : { from: model.tick + given.from }),
      ...(given.until === undefined ? {} : { until: model.tick + given.until }),
    });

    async function act(one: Deed): Promise<void> {
      const { tick } = model;
      switch (one.kind) {
        case 'add': {
          const period = shiftedBy(one);
          const before = model.memberships[one.user]!.get(one.group);
          if (model.deleted.has(one.group) || !isPossible(period, tick)) return;
          if (!before || isOver(before, tick)) model.memberships[one.user]!.set(one.group, period);
          const named = { userIds: [users[one.user]!.id] };
          const stored = { from: time(period.from), until: time(period.until) };
          await memberships.add(system, ids[one.group]!, named, () => stored);
          return;
        }
        case 'change': {
          const before = model.memberships[one.user]!.get(one.group);
          const period = shiftedBy(one);
          const isThere = before && !isOver(before, tick) && !model.deleted.has(one.group);
          if (isThere && isPossible(period, tick)) model.memberships[one.user]!.set(one.group, period);
          const change = { from: time(period.from) ?? null, until: time(period.until) ?? null };
          const work = memberships.setPeriod(system, ids[one.group]!, users[one.user]!.id, change);
          await unless(work, ['invalid_input', 'not_a_member', 'group_not_found']);
          return;
        }
        case 'remove':
          if (model.deleted.has(one.group)) return;
          model.memberships[one.user]!.delete(one.group);
          await memberships.remove(system, ids[one.group]!, { userIds: [users[one.user]!.id] });
          return;
        case 'move':
          await moveBoth(one.moves);
          return;
        case 'delete':
          if (model.deleted.has(one.group) || model.parents.includes(one.group)) return;
          model.deleted.add(one.group);
          model.parents[one.group] = undefined;
          await test.app.groups.remove(system, ids[one.group]!);
          return;
        case 'settle':
          await memberships.settle();
          return;
        case 'purge':
          await memberships.purgeDeleted();
          return;
      }
    }

    /** Two writers at once leave what one of them leaves after the other. */
    async function moveBoth([first, second]: [Move, Move]): Promise<void> {
      const orders = [
        [first, second],
        [second, first],
      ].map((moves) => moves.reduce((parents, each) => moved(model, parents, each), model.parents));
      const work = [first, second].map(({ group: id, parent }) =>
        test.app.groups.update(system, ids[id]!, { parent_id: parent === null ? null : ids[parent]! }),
      );
      const codes = ['group_cycle', 'group_not_found', 'unknown_group'];
      await Promise.all(work.map((each) => unless(each, codes)));
      const found = new Map((await test.app.groups.findMany(ids)).map((each) => [each.id, each]));
      const parents = ids.map((id) => {
        const parentId = found.get(id)?.parentId;
        return parentId === undefined ? undefined : ids.indexOf(parentId);
      });
      expect(orders).toContainEqual(parents);
      model.parents = parents;
    }

    async function expectNow(): Promise<void> {
      for (const [index, { id }] of users.entries()) {
        type Effective = { group_id: string; is_direct: boolean; until: number | null };
        const { result } = await get<Effective[]>(`/v1/users/${id}/effective-groups?limit=200`);
        const found = new Map(result.map((each) => [ids.indexOf(each.group_id), each.until ?? Infinity]));
        const wanted = [...effectiveOf(model, index)].map(([each, end]) => [each, start + end] as const);
        expect(found).toEqual(new Map(wanted));
        const direct = result.filter((each) => each.is_direct).map((each) => ids.indexOf(each.group_id));
        expect(direct.sort()).toEqual(directOf(model, index));
      }
    }

    const past: number[][][] = [];
    for (const some of deeds) {
      for (const one of some) await act(one);
      await expectNow();
      past.push(users.map((_, index) => directOf(model, index)));
      model.tick += 1;
      at += 1;
    }
    for (const [tick, then] of past.entries()) await expectPast(start + tick, then);

    async function expectPast(asOf: number, then: number[][]): Promise<void> {
      for (const [index, { id }] of users.entries()) {
        const { result } = await get<{ group_id: string }[]>(`/v1/users/${id}/groups?as_of=${asOf}`);
        expect(result.map((each) => ids.indexOf(each.group_id)).sort()).toEqual(then[index]);
      }
      for (const [index, id] of ids.entries()) {
        if (model.deleted.has(index)) continue;
        const found: string[] = [];
        for (let cursor: string | null = ''; cursor !== null;) {
          const path = `/v1/groups/${id}/members?as_of=${asOf}&limit=1${cursor && `&cursor=${cursor}`}`;
          const page: { result: { user_id: string }[]; next: string | null } = await get(path);
          found.push(...page.result.map((each) => each.user_id));
          cursor = page.next;
        }
        expect(found).toEqual(users.flatMap((each, one) => (then[one]!.includes(index) ? [each.id] : [])));
      }
    }
  }

  it('is that of a naive model, over random deeds, times and groups that two writers move at once', async () => {
    const stories = fc.array(fc.array(deed, { maxLength: 4 }), { minLength: TICKS, maxLength: TICKS });
    await fc.assert(fc.asyncProperty(stories, playOn), { numRuns: 8, endOnFailure: true });
  }, 120_000);
});
