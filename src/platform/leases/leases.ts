import type { Log } from '../http/log.ts';

/** A name that one holder has at a time, until it gives it back or its time runs out by the database's clock. */
export interface Leases {
  /** True when the caller holds it from now on, also when it held it before. */
  take(name: string, holder: string, forMs: number): Promise<boolean>;
  giveBack(name: string, holder: string): Promise<void>;
}

export interface LeaseRequest {
  name: string;
  /** This node, as the others see it. */
  holder: string;
  /** So long after the last heartbeat another node may take it. */
  forMs: number;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
  log: Log;
}

/**
 * Works while a lease is held, and keeps it by a heartbeat; undefined when another node holds it. The signal is aborted when
 * the lease is lost or the node stops. Lost is a lease that another node has taken, or whose time has run out without an
 * answer of the database, since another node may hold it then.
 */
export async function underLease<T>(
  leases: Leases,
  { name, holder, forMs, stopping, log }: LeaseRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const lost = new AbortController();
  const lose = () => {
    if (lost.signal.aborted) return;
    lost.abort();
    log.warn({ lease: name }, 'lost a lease, another node may continue its work');
  };
  let expiry: NodeJS.Timeout | undefined;

  async function take(): Promise<boolean> {
    // Counted from before the question, so that it ends here no later than there, whatever the clocks show.
    const asked = performance.now();
    const isHeld = await leases.take(name, holder, forMs);
    if (!isHeld) return false;
    clearTimeout(expiry);
    expiry = setTimeout(lose, asked + forMs - performance.now());
    return true;
  }

  // A heartbeat that fails is no loss yet: the next one may succeed before the time runs out.
  const renew = async () => {
    if (!(await take().catch(() => true))) lose();
  };

  if (!(await take())) return undefined;
  let beats = Promise.resolve();
  const heartbeat = setInterval(() => void (beats = beats.then(renew)), forMs / 3);
  try {
    return await work(AbortSignal.any([stopping, lost.signal]));
  } finally {
    clearInterval(heartbeat);
    // A heartbeat under way would take again what is given back.
    await beats;
    clearTimeout(expiry);
    await leases.giveBack(name, holder);
  }
}
