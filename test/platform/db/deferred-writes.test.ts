import { createDeferredWrites, writeDeferred } from '../../../src/platform/db/deferred-writes.mongo.ts';
import { giveUser, startApp, type TestApp } from '../../support/app.ts';

describe('writes that wait for each other', () => {
  let test: TestApp;
  beforeAll(async () => (test = await startApp()));
  afterAll(() => test.tearDown());

  const connection = () => test.app.database.connection;

  it('are written together, the latest value of each key', async () => {
    const written: Record<string, string>[] = [];
    const deferred = createDeferredWrites<string>(connection(), {
      withinMs: 60_000,
      write: async (entries) => void written.push(Object.fromEntries(entries)),
    });
    deferred.put('a', '1');
    deferred.put('b', '1');
    deferred.put('a', '2');
    expect([deferred.has('a'), written]).toEqual([true, []]);
    await writeDeferred(connection());
    expect([deferred.has('a'), written]).toEqual([false, [{ a: '2', b: '1' }]]);
  });

  it('are merged, taken and dropped as long as they wait', async () => {
    const written: Record<string, number>[] = [];
    const deferred = createDeferredWrites<number>(connection(), {
      withinMs: 60_000,
      merge: (earlier, later) => earlier + later,
      write: async (entries) => void written.push(Object.fromEntries(entries)),
    });
    for (const key of ['a', 'a', 'a', 'b', 'c']) deferred.put(key, 1);
    expect([deferred.take('b'), deferred.take('b')]).toEqual([1, undefined]);
    deferred.put('c', 10);
    deferred.drop((value) => value === 11);
    await writeDeferred(connection());
    expect(written).toEqual([{ a: 3 }]);
  });

  it('are written by themselves, and again after a failure', async () => {
    let isAway = true;
    const written: string[] = [];
    const deferred = createDeferredWrites<true>(connection(), {
      withinMs: 5,
      // A driver may throw at once, too.
      write(entries) {
        if (isAway) throw new Error('away');
        written.push(...entries.keys());
        return Promise.resolve();
      },
    });
    deferred.put('lost', true);
    await writeDeferred(connection());
    isAway = false;
    deferred.put('kept', true);
    while (written.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(written).toEqual(['kept']);
  });

  it('are not lost when the server stops', async () => {
    const other = await startApp({ uri: test.uri });
    const { id } = await giveUser(test, 'ada@example.com');
    other.app.users.noteSignIn(id);
    expect((await test.app.users.get(id)).lastSignInAt).toBeUndefined();
    await other.app.stop();
    expect((await test.app.users.get(id)).lastSignInAt).toEqual(expect.any(Date));
  });
});
