import type { IncomingMessage } from 'node:http';

const BODY_MS = 30_000;
const IDLE_MS = 30_000;

const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Cuts a request off whose body is not there in time: who sends a byte now and then must not hold a connection. */
export function startDeadline(req: IncomingMessage): void {
  if (req.complete) return;
  const deadline = setTimeout(() => req.complete || req.destroy(), BODY_MS).unref();
  deadlines.set(req, deadline);
  req.once('close', () => clearTimeout(deadline));
  req.once('end', () => clearTimeout(deadline));
}

/** For the few that take large bodies: they may take their time as long as something comes. */
export function allowLongBody(req: IncomingMessage): void {
  clearTimeout(deadlines.get(req));
  req.setTimeout(IDLE_MS, () => req.destroy());
}
