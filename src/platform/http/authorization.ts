import { OutsideAdminScope, type Actor } from '../actor.ts';

/** Whom authorizations ask. The platform knows no user and no group: `directory/access.ts` declares what there is to ask. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged with its declaration there
export interface Access {}

/**
 * What an endpoint requires beyond its scope, said beside the endpoint. The table in the documents is made of it.
 * `P` is the path's parameters and `B` the body.
 */
export interface Authorization<P = unknown, B = unknown> {
  /** What an administrator with an admin scope may do. */
  withAdminScope: string;
  /** What the scopes must cover besides the endpoint's own; absent where that one is enough. */
  alsoRequires?: string;
  /** Resolves for who may make the call. @throws OutsideAdminScope, InsufficientScope, or that a thing was not found */
  assert(access: Access, call: AuthorizedCall<P, B>): Promise<void>;
}

export interface AuthorizedCall<P, B> {
  actor: Actor;
  params: P;
  query: unknown;
  /** Absent where it is asked whether a call could be made at all. */
  body: B | undefined;
}

/** For what does not depend on groups. */
export const anywhere: Authorization = {
  withAdminScope: 'No restriction.',
  assert: async () => {},
};

/** For lists that leave out what the actor may not see. */
export const visibleOnly: Authorization = {
  withAdminScope: 'Returns only what is within the admin scope.',
  assert: async () => {},
};

/** For what concerns everyone. */
export const unlimited: Authorization = {
  withAdminScope: 'Not allowed.',
  async assert(_access, { actor }) {
    if (actor.adminScope) throw OutsideAdminScope();
  },
};
