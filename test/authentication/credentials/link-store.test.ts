import type { Connection } from 'mongoose';
import { createLinkStore } from '../../../src/authentication/credentials/links.mongo.ts';
import { describeOneTimeStore, EXPIRY, NOW } from '../../support/conformance/one-time-store.ts';
import { race, tally } from '../../support/conformance/racing.ts';
import { openStore } from '../../support/database.ts';

const link = { purpose: 'recovery', subject: 'ada', by: 'Ada', madeAt: NOW, expiresAt: EXPIRY } as const;

describe('the store of one-time links', () => {
  describeOneTimeStore({
    expires: true,
    open(connection: Connection) {
      const store = createLinkStore(connection);
      return {
        put: () => store.insert('link', link),
        use: async (at) => (await store.use('recovery', 'link', at)) !== undefined,
        useUnknown: async (at) => (await store.use('recovery', 'other', at)) !== undefined,
      };
    },
  });

  it('opens nothing but what a link was made for', async () => {
    const { store, close } = await openStore(createLinkStore);
    await store.insert('link', link);
    expect([await store.find('invitation', 'link'), await store.use('invitation', 'link', NOW)]).toEqual([
      undefined,
      undefined,
    ]);
    await close();
  });

  it('has one of fifty open a link first, and use or revoke it', async () => {
    const { store, close } = await openStore(createLinkStore);
    await store.insert('link', link);
    expect(tally(await race(() => store.noteOpened('recovery', 'link', NOW)))).toEqual({ true: 1, false: 49 });
    const ends = await race(async (racer) =>
      racer % 2 === 0
        ? (await store.use('recovery', 'link', NOW)) !== undefined
        : (await store.revoke('recovery', ['ada'], NOW)) === 1,
    );
    expect(tally(ends)).toEqual({ true: 1, false: 49 });
    await close();
  });
});
