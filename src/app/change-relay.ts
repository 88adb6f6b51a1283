import type { Change, ChangeListener, ChangeRelay, ChangeSource } from '../platform/db/change-source.ts';

/** What the first process tells its workers, in order. */
export type News = { change: Change } | { gap: true } | { proof: number };

/** Workers ask the first process for a proof this often, while anybody asks them. */
const ASK_MS = 250;

/** In the first process: hands on what its change stream tells, in one message for all that came at once. */
export function createChangeRelay(send: (news: News[]) => void): ChangeRelay & { ask(): void } {
  const asks = new Set<() => void>();
  let waiting: News[] = [];

  function tell(news: News): void {
    if (waiting.push(news) > 1) return;
    setImmediate(() => {
      send(waiting);
      waiting = [];
    });
  }

  return {
    onChange: (change) => tell({ change }),
    onGap: () => tell({ gap: true }),
    onProof: (proof) => tell({ proof }),
    relayFrom(ask) {
      asks.add(ask);
      return () => void asks.delete(ask);
    },
    ask() {
      for (const ask of asks) ask();
    },
  };
}

/** The first process, as a worker sees it. */
export interface Relayed {
  /** Calls `hear` with all news from now on, until what it gives is called. */
  listen(hear: (news: News[]) => void): () => void;
  askForProof(): void;
}

/** In a worker: what the first process hands on. */
export function createRelayedChanges({ listen, askForProof }: Relayed): ChangeSource {
  let askedAt = -Infinity;
  let end = () => {};

  return {
    open: (_interest, listener) => void (end = listen((news) => news.forEach((one) => tell(listener, one)))),
    ask() {
      if (performance.now() - askedAt < ASK_MS) return;
      askedAt = performance.now();
      askForProof();
    },
    close: async () => end(),
  };
}

function tell(listener: ChangeListener, news: News): void {
  if ('change' in news) listener.onChange(news.change);
  else if ('proof' in news) listener.onProof(news.proof);
  else listener.onGap();
}
