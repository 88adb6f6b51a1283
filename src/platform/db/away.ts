/** What the driver and mongoose call the errors of a server that cannot be reached, or of a pool with no free connection. */
const NAMES =
  /^(Mongo|Mongoose)(ServerSelection|Network|NetworkTimeout|PoolCleared|PoolClosed|WaitQueueTimeout|NotConnected|ServerClosed|TopologyClosed|StalePrimary|OperationTimeout)Error$/;

/** What the driver says of errors after which the same operation may succeed. */
const LABELS = [
  'HandshakeError',
  'PoolRequestedRetry',
  'ResetPool',
  'RetryableError',
  'RetryableWriteError',
  'SystemOverloadedError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
];

/** Answers of a server that stops, is no primary (any more), waits for others in vain, or has no space left. */
const CODES = new Set([6, 7, 89, 91, 133, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 14031]);

const DEEPEST = 8;

/**
 * Whether something failed because the database cannot be used just now, and not because of what was asked of it. Looks at
 * what other errors wrap too.
 */
export function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false;
  // A cast, because anything may have been thrown, and each property is looked at for what it is.
  const thrown = error as Record<string, unknown>;
  if (isAwayItself(thrown)) return true;
  // A bulk write that fails as a whole keeps the driver's own error as its `errorResponse`.
  const wrapped = [thrown['cause'], thrown['errorResponse'], thrown['originalError'], ...listOf(thrown['errors'])];
  return wrapped.some((inner) => isDatabaseAway(inner, depth + 1));
}

function isAwayItself({ name, code, errorLabels }: Record<string, unknown>): boolean {
  if (typeof name !== 'string' || !name.startsWith('Mongo')) return false;
  if (NAMES.test(name) || (typeof code === 'number' && CODES.has(code))) return true;
  return listOf(errorLabels).some((label) => LABELS.includes(String(label)));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
