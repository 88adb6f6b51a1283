/** Milliseconds on a clock that all processes of a machine share, and that nobody sets. */
export const monotonicMs = (): number => performance.now() + SINCE;

/** What this process's own clock began at. */
const SINCE = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** A document that was changed, removed or inserted. */
export interface Change {
  collection: string;
  id: string;
  isInsert: boolean;
}

/** Told in the order in which things happened. */
export interface ChangeListener {
  onChange(change: Change): void;
  /** Anything may have changed. */
  onGap(): void;
  /** Everything that was acknowledged before this moment has been told. */
  onProof(at: number): void;
}

/** What is to be told: the collections, and those of which inserts matter too. */
export interface Interest {
  collections: string[];
  withInserts: string[];
}

/** Tells other processes of this machine, which have no source of their own. */
export interface ChangeRelay extends ChangeListener {
  /** `ask` is called when one of them wants a proof. Call what it gives to end that. */
  relayFrom(ask: () => void): () => void;
}

/** Where news of changes come from. */
export interface ChangeSource {
  open(interest: Interest, listener: ChangeListener): void;
  /** Someone wants a proof, now and in the next seconds. */
  ask(): void;
  close(): Promise<void>;
}
