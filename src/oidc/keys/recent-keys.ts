import type { KeySet } from './keys.ts';

/** A key that was just made may be used this much later: the one before it goes on for days. */
const RECENT_MS = 5000;

/** The keys as they were a moment ago at most, for those that need them for every one of many messages. */
export function createRecentKeys(current: () => Promise<KeySet>): () => Promise<KeySet> {
  let recent: { keys: Promise<KeySet>; at: number } | undefined;

  return () => {
    if (recent && performance.now() - recent.at < RECENT_MS) return recent.keys;
    const asked = { keys: current(), at: performance.now() };
    recent = asked;
    // What could not be read is asked again.
    asked.keys.catch(() => {
      if (recent === asked) recent = undefined;
    });
    return asked.keys;
  };
}
