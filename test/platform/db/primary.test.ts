import { EventEmitter } from 'node:events';
import type { mongo } from 'mongoose';
import { onNewPrimary } from '../../../src/platform/db/primary.mongo.ts';

const server = (address: string, type: string, electionId = 1) => [address, { address, type, electionId }] as const;
const topologyOf = (...servers: ReturnType<typeof server>[]) => ({ servers: new Map(servers) });

const FIRST = topologyOf(server('a:1', 'RSPrimary'), server('b:1', 'RSSecondary'));
const NONE = topologyOf(server('a:1', 'Unknown'), server('b:1', 'RSSecondary'));
const SECOND = topologyOf(server('a:1', 'Unknown'), server('b:1', 'RSPrimary', 2));
const AGAIN = topologyOf(server('a:1', 'Unknown'), server('b:1', 'RSPrimary', 3));

describe('a new primary', () => {
  let client: EventEmitter;
  let told: number;
  let end: () => void;
  beforeEach(() => {
    client = new EventEmitter();
    told = 0;
    end = onNewPrimary(client as unknown as mongo.MongoClient, () => void (told += 1));
  });

  /** What the client sees, from one description to the next. */
  function pass(...descriptions: object[]): number {
    for (const [index, newDescription] of descriptions.entries()) {
      if (index === 0) continue;
      client.emit('topologyDescriptionChanged', { previousDescription: descriptions[index - 1], newDescription });
    }
    return told;
  }

  it('is noticed by a client that knew the one before when it was asked', () => {
    expect(pass(FIRST, NONE, SECOND)).toBe(1);
  });

  it('is noticed by a client that connects later, but the first is not new', () => {
    expect(pass({ servers: new Map() }, NONE, FIRST, NONE, FIRST)).toBe(0);
    expect(pass(FIRST, NONE, SECOND)).toBe(1);
  });

  it('is also the same server after another election', () => {
    expect(pass(SECOND, AGAIN)).toBe(1);
  });

  it('is of no interest after the end', () => {
    end();
    expect(pass(FIRST, NONE, SECOND)).toBe(0);
  });
});
