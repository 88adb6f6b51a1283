/**
 * Runs `work` so that all of its writes happen or none, and returns what it returns. It may run more than once when the
 * database asks for a retry, so it must change nothing but the database. Inside another one it joins that one.
 *
 * What must wait until the writes stand (what this process remembers, a second look for what raced with them) goes into
 * `afterwards`; inside another transaction that is after the outermost one.
 */
export interface Transact {
  <T>(work: () => Promise<T>, afterwards?: (result: T) => void | Promise<void>): Promise<T>;
  /** Whether work would join a transaction. Then an error of the database in it ends that one: nothing more can be read in it. */
  isUnderWay(): boolean;
}
