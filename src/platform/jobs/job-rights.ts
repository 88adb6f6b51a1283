import { holds, OutsideAdminScope, requireScopes, type Actor } from '../actor.ts';
import type { JobType } from './job-type.ts';
import { JobNotFound, type Job } from './job.ts';

type Order = Pick<Job, 'kind' | 'input'>;

/**
 * Who may start, cancel and see a job. It requires the scopes for what its type changes, which are checked when the
 * job is started, before every step, and when it is cancelled. A job is never limited to the groups of an admin scope.
 */
export function createJobRights(jobTypes: () => JobType[]) {
  const workOf = (kind: string): JobType | undefined => jobTypes().find((each) => each.kind === kind);

  const scopesOf = ({ input }: Order, { scopes, scopesFor }: JobType): string[] => [
    'jobs:write',
    ...scopes,
    // A cast, because the kind's own shape parsed its input when it was ordered.
    ...(scopesFor?.(input as never) ?? []),
  ];

  /** @throws InsufficientScope, OutOfReach */
  function assertMayRun(actor: Actor, order: Order): void {
    const work = workOf(order.kind);
    if (!work) throw new Error(`No module provides the job type ${order.kind}.`);
    requireScopes(actor, scopesOf(order, work));
    if (actor.adminScope) throw OutsideAdminScope();
  }

  /** The scopes that the actor lacks to see a job; undefined for one that this version knows nothing about. */
  function lackingToRead(actor: Actor, order: Order): string[] | undefined {
    const work = workOf(order.kind);
    const needed = work && scopesOf(order, work).filter((scope) => scope !== 'jobs:write');
    return needed && scopesToRead(actor, needed);
  }

  /** @throws JobNotFound, InsufficientScope, OutOfReach */
  function assertMayRead(actor: Actor, order: Order): void {
    const missing = lackingToRead(actor, order);
    if (!missing) throw JobNotFound();
    requireScopes(actor, missing);
    if (actor.adminScope) throw OutsideAdminScope();
  }

  const mayRead = (actor: Actor, order: Order): boolean =>
    !actor.adminScope && lackingToRead(actor, order)?.length === 0;

  return { workOf, assertMayRun, assertMayRead, mayRead };
}

/**
 * The scopes that an actor lacks to see what a job did that takes these scopes. To see what is written it is enough to be
 * able to read it; what exports secrets or sends mail can be seen by those alone who could have started it.
 */
const scopesToRead = (actor: Actor, scopes: string[]): string[] =>
  scopes.flatMap((scope) => {
    const reading = scope.replace(/:(write|delete)$/, ':read');
    return holds(actor, scope) || holds(actor, reading) ? [] : [reading];
  });
