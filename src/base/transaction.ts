/**
 * Runs `work` so that all of its writes happen or none. It may run more than once when the database asks for a retry,
 * so it must change nothing but the database.
 */
export type Transact = <T>(work: () => Promise<T>) => Promise<T>;
