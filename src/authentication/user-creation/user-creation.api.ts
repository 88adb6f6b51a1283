import { z } from 'zod';
import { newUser, newUsers } from '../../directory/authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { isError, type Fault } from '../../platform/errors.ts';
import { UnknownGroup } from '../../directory/groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import type { CreationOutcome, FirstPassword, WantedUser } from '../../directory/users/creation.ts';
import { OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited } from '../../directory/users/admin-role.ts';
import {
  newUserShape,
  OnlyCustomersInGroups,
  presentUser,
  UsernameTaken,
  userReply,
  type User,
} from '../../directory/users/user.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { MAX_TYPED_LENGTH, WeakPassword } from '../credentials/password.ts';
import type { Invitations } from '../invitations/invitations.ts';
import type { Users } from '../../directory/users/users.ts';

const tag = 'Users';

const MOST_AT_ONCE = 1000;

/** A thousand users with some custom data each. */
const BULK_BYTES = 4 * 1024 * 1024;

const passwordField = z.string().max(MAX_TYPED_LENGTH).optional();

const creationShape = newUserShape
  .extend({ temporary_password: passwordField.meta({ example: 'Wander#2026' }), password: passwordField })
  .refine((body) => body.password === undefined || body.temporary_password === undefined, {
    path: ['password'],
    message: 'cannot be combined with temporary_password',
  });

type CreationBody = z.output<typeof creationShape>;

const singleShape = creationShape
  .safeExtend({
    send_invitation: z.boolean().default(false).meta({
      description: 'Whether to email the user a link for setting a password. Cannot be combined with a password.',
    }),
  })
  .refine(({ send_invitation: isInvited, ...body }) => !isInvited || !hasPassword(body), {
    path: ['send_invitation'],
    message: 'cannot be combined with a password',
  });

type SingleBody = z.output<typeof singleShape>;

const OUTCOMES = ['created', 'username_taken', 'weak_password'] as const;

const bulkReply = z.strictObject({
  counts: z.strictObject({
    created: z.number().int(),
    username_taken: z.number().int(),
    weak_password: z.number().int(),
  }),
  items: z.array(
    z.strictObject({
      username: z.string(),
      outcome: z.enum(OUTCOMES),
      user: userReply.nullable(),
      errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })),
    }),
  ),
});

type BulkItem = z.input<typeof bulkReply>['items'][number];

export const createUser = endpoint({
  method: 'post',
  path: '/v1/users',
  summary: 'Create a user',
  description:
    'With `temporary_password`, the user must change the password when they first sign in. With `password`, they keep it. With neither, the user is invited and has no password; `send_invitation` sends the invitation by email.',
  tag,
  scope: 'users:write',
  authorize: newUser,
  body: singleShape,
  status: 201,
  reply: resultOf(userReply),
  location: ({ result }) => `/v1/users/${result.user_id}`,
  errors: [
    UsernameTaken,
    UnknownGroup,
    OnlyCustomersInGroups,
    OnlyAdministratorsHaveAdminRoles,
    RoleCannotBeLimited,
    WeakPassword,
  ],
  dryRunReply: resultOf(z.strictObject({ username: z.string() })),
});

export const createUsers = endpoint({
  method: 'post',
  path: '/v1/bulk/users',
  summary: 'Create many users',
  description:
    'Up to 1,000 at once. Valid users are created, and invited by email if `send_invitation` is set; the response reports an outcome for each. Passwords are hashed one after another, which takes time for many users; an import with password hashes is faster.',
  tag,
  scope: 'users:write',
  authorize: newUsers,
  body: z.strictObject({
    users: z
      .array(singleShape)
      .min(1, 'must have at least one user')
      .max(MOST_AT_ONCE, `must have at most ${MOST_AT_ONCE} users`),
  }),
  bodyLimit: BULK_BYTES,
  status: 200,
  reply: resultOf(bulkReply),
  errors: [UnknownGroup, OnlyCustomersInGroups, OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited],
});

export interface UserCreationEndpointsOptions {
  users: Users;
  credentials: Pick<Credentials, 'prepare'>;
  invitations: Pick<Invitations, 'createInvited' | 'createMany'>;
}

/** How users are created: one with a clear refusal, or many with an answer for each. */
export function userCreationEndpoints({ users, credentials, invitations }: UserCreationEndpointsOptions): Endpoint[] {
  async function create(actor: Actor, { send_invitation: isInvited, ...body }: SingleBody): Promise<User> {
    if (isInvited) return invitations.createInvited(actor, toUser(body));
    return users.create(actor, toUser(body), await firstPassword(body));
  }

  async function firstPassword(body: CreationBody, pointer = '#'): Promise<FirstPassword | undefined> {
    const { username, password, temporary_password: temporary } = body;
    if (temporary !== undefined) {
      return { hash: await credentials.prepare(temporary, username, `${pointer}/temporary_password`), temporary: true };
    }
    if (password === undefined) return undefined;
    return { hash: await credentials.prepare(password, username, `${pointer}/password`), temporary: false };
  }

  /** The password, or the faults of one that does not keep the rules. */
  async function consider(
    { send_invitation: isInvited, ...body }: SingleBody,
    index: number,
  ): Promise<{ wanted: WantedUser } | { faults: Fault[] }> {
    try {
      const password = await firstPassword(body, `#/users/${index}`);
      return { wanted: { user: toUser(body), password, isInvited } };
    } catch (error) {
      if (!isError(error, WeakPassword)) throw error;
      return { faults: error.faults };
    }
  }

  async function createMany(actor: Actor, bodies: SingleBody[]): Promise<BulkItem[]> {
    const considered = await Promise.all(bodies.map(consider));
    const wanted = considered.flatMap((each) => ('wanted' in each ? [each.wanted] : []));
    const outcomes = (await invitations.createMany(actor, wanted))[Symbol.iterator]();
    return considered.map((each, index) => {
      const { username } = bodies[index]!;
      if ('faults' in each) return refused(username, 'weak_password', each.faults);
      return toItem(username, outcomes.next().value!, index);
    });
  }

  return [
    createUser.handledBy(
      async ({ body, actor }) => {
        return { result: presentUser(await create(actor, body)) };
      },
      {
        dryRun: async ({ body }) => {
          await users.check(toUser(body));
          await firstPassword(body);
          return { result: { username: body.username } };
        },
      },
    ),
    createUsers.handledBy(async ({ body, actor }) => {
      const items = await createMany(actor, body.users);
      const count = (outcome: BulkItem['outcome']) => items.filter((item) => item.outcome === outcome).length;
      const [created, username_taken, weak_password] = OUTCOMES.map(count) as [number, number, number];
      return { result: { counts: { created, username_taken, weak_password }, items } };
    }),
  ];
}

function hasPassword({ password, temporary_password: temporary }: CreationBody): boolean {
  return password !== undefined || temporary !== undefined;
}

function toUser({ password: _password, temporary_password: _temporary, ...user }: CreationBody) {
  return user;
}

function toItem(username: string, made: CreationOutcome, index: number): BulkItem {
  if (made.outcome === 'created') return { username, outcome: 'created', user: presentUser(made.user), errors: [] };
  return refused(username, made.outcome, [{ pointer: `#/users/${index}/username`, detail: 'belongs to another user' }]);
}

function refused(username: string, outcome: 'username_taken' | 'weak_password', faults: Fault[]): BulkItem {
  const errors = faults.map(({ pointer = '#', detail }) => ({ pointer, detail }));
  return { username, outcome, user: null, errors };
}
