import type { Actor } from '../../platform/actor.ts';
import { defineError } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { User } from '../../directory/users/user.ts';
import { rightsOf } from './administrator.ts';

export const ActorGone = defineError(
  'forbidden',
  'actor_gone',
  'The service or administrator that started this was deleted or disabled.',
);

export interface PresentActorOptions {
  /** Both from the database: what is remembered may be older than the loss of a right. */
  findUser(id: Id): Promise<User | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Every scope of the admin API. */
  knownScopes(): string[];
}

/**
 * An earlier actor with the current rights. Rights gained in the meantime do not count: a token for some of a
 * service's scopes does not grow, and an administrator started no more than they could.
 */
export function createPresentActor({ findUser, findApplication, knownScopes }: PresentActorOptions) {
  /** @throws ActorGone */
  return async function presentActor(actor: Actor): Promise<Actor> {
    if (actor.kind === 'system') return actor;
    const now = actor.kind === 'service' ? await service(actor.id) : await administrator(actor.id);
    if (!now) throw ActorGone();
    const scopes = new Set([...actor.scopes].filter((scope) => now.scopes.has(scope)));
    return { ...actor, scopes, adminScope: now.adminScope };
  };

  async function service(clientId: string): Promise<Pick<Actor, 'scopes' | 'adminScope'> | undefined> {
    const application = await findApplication(clientId);
    return application && { scopes: new Set(application.adminScopes) };
  }

  async function administrator(id: Id): Promise<Pick<Actor, 'scopes' | 'adminScope'> | undefined> {
    const user = await findUser(id);
    return user && user.status !== 'disabled' ? rightsOf(user, knownScopes()) : undefined;
  }
}
