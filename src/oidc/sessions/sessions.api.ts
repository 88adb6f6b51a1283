import { z } from 'zod';
import { disconnected, onGroup, onUser } from '../../directory/authorization.ts';
import { clientIdShape } from '../../directory/applications/application.ts';
import type { Actor } from '../../platform/actor.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { describeDevice } from '../../platform/user-agent.ts';
import { GroupNotFound, type Group } from '../../directory/groups/group.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import type { ListedSession } from './session-store.mongo.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';
import { NotConnected, SessionNotFound, type Connection, type Sessions } from './sessions.ts';

const params = z.strictObject({ user_id: idShape });
const tag = 'Users';

/** So many groups or roles of one claim are listed. */
const MOST_VALUES = 100;

export const sessionReply = z
  .strictObject({
    session_id: z.string(),
    browser: z.string().meta({ description: 'Empty if the browser could not be identified.', example: 'Firefox' }),
    system: z.string().meta({ example: 'Windows' }),
    user_agent: z.string(),
    address: z.string(),
    created_at: z.number().int(),
    last_seen_at: z.number().int(),
  })
  .meta({ id: 'Session' });

export const connectionReply = z
  .strictObject({
    client_id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    claims: z.record(z.string(), z.unknown()).meta({
      description: `The groups and roles that it currently receives, by claim; of each at most ${MOST_VALUES}.`,
    }),
    is_complete: z.boolean().meta({
      description: 'false if values are left out; `GET /v1/applications/{client_id}/claims/{user_id}` returns all.',
    }),
  })
  .meta({ id: 'Connection' });

export const readerReply = z.strictObject({ client_id: z.string(), name: z.string() });

const presentSession = (session: ListedSession): z.input<typeof sessionReply> => ({
  session_id: session.id,
  ...describeDevice(session.userAgent),
  user_agent: session.userAgent,
  address: session.address,
  created_at: unixSeconds(session.createdAt),
  last_seen_at: unixSeconds(session.seenAt),
});

function presentConnection({ application, scopes, claims }: Connection): z.input<typeof connectionReply> {
  const isLong = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > MOST_VALUES;
  const shortened = Object.entries(claims).map(([claim, value]) => [
    claim,
    isLong(value) ? value.slice(0, MOST_VALUES) : value,
  ]);
  return {
    client_id: application.id,
    name: application.name,
    scopes,
    claims: Object.fromEntries(shortened) as Record<string, unknown>,
    is_complete: !Object.values(claims).some(isLong),
  };
}

export const listSessions = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/sessions',
  summary: 'List the sessions of a user',
  description: 'Most recently used first.',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params,
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(sessionReply),
  errors: [UserNotFound, BadCursor],
});

export const endSessions = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/sessions',
  summary: 'Sign a user out everywhere',
  description: 'Ends all of their sessions and tokens.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 204,
  reply: noContent,
  errors: [UserNotFound],
});

export const endSession = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/sessions/{session_id}',
  summary: 'End a session of a user',
  description: 'The tokens that were issued in it end too.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params: params.extend({ session_id: z.string().regex(/^[\w-]{1,64}$/, 'must be the ID of a session') }),
  status: 204,
  reply: noContent,
  errors: [UserNotFound, SessionNotFound],
});

export const listApplicationsOfUser = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/applications',
  summary: 'List the applications of a user',
  description:
    'Returns the applications that receive claims about the user, by consent or because the user is signed in to them, sorted by name.',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params,
  query: z.strictObject({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(connectionReply),
  errors: [UserNotFound, BadCursor],
});

export const listApplicationsOfGroup = endpoint({
  method: 'get',
  path: '/v1/groups/{group_id}/applications',
  summary: 'List the applications that receive a group',
  description:
    'Returns the applications that at least one user has allowed to receive groups and whose claim policy includes this group, sorted by name. They receive it for all members who sign in to them.',
  tag: 'Groups',
  scope: 'groups:read',
  authorize: onGroup,
  params: z.strictObject({ group_id: idShape }),
  query: z.strictObject({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(readerReply),
  errors: [GroupNotFound, BadCursor],
});

export const disconnectApplication = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/applications/{client_id}',
  summary: 'Disconnect a user from an application',
  description: 'Withdraws the consent and ends the tokens that the application has for the user.',
  tag,
  scope: 'users:write',
  authorize: disconnected,
  params: params.extend({ client_id: clientIdShape }),
  status: 204,
  reply: noContent,
  errors: [UserNotFound, NotConnected],
});

export interface SessionEndpointsOptions {
  sessions: Sessions;
  users: Pick<Users, 'get' | 'endSessionsOfMany'>;
  /** @throws GroupNotFound */
  getGroup(id: Id): Promise<Group>;
  /** Ends every session, token and sign-in of these users. */
  signOut(userIds: Id[]): Promise<void>;
}

export function sessionEndpoints({ sessions, users, getGroup, signOut }: SessionEndpointsOptions): Endpoint[] {
  /** A sign-in that is under way ends in any case, but is nothing that the audit log would tell of. */
  async function endAll(actor: Actor, { id }: User): Promise<void> {
    if (await sessions.isSignedIn(id)) await users.endSessionsOfMany(actor, [id]);
    else await signOut([id]);
  }

  return [
    listSessions.handledBy(
      async ({ params: { user_id: id }, query }) => {
        const page = await sessions.sessionsOf(await users.get(id), toPageRequest('sessions', query));
        return presentPage(page, presentSession);
      },
      { state: async ({ params: { user_id: id } }) => (await sessions.sessionIdsOf(id)).join(' ') },
    ),
    endSessions.handledBy(async ({ params: { user_id: id }, actor }) => endAll(actor, await users.get(id))),
    endSession.handledBy(async ({ params: { user_id: id, session_id: sessionId }, actor }) =>
      sessions.endSession(actor, await users.get(id), sessionId),
    ),
    listApplicationsOfUser.handledBy(async ({ params: { user_id: id }, query, actor }) => {
      const page = toPageRequest('applications-of-user', query);
      return presentPage(await sessions.connections(await users.get(id), page, actor), presentConnection);
    }),
    listApplicationsOfGroup.handledBy(async ({ params: { group_id: id }, query }) => {
      const page = toPageRequest('applications-of-group', query);
      const readers = await sessions.readersOfGroup(await getGroup(id), page);
      return presentPage(readers, ({ id: client_id, name }) => ({ client_id, name }));
    }),
    disconnectApplication.handledBy(async ({ params: { user_id: id, client_id: clientId }, actor }) =>
      sessions.disconnect(actor, await users.get(id), clientId),
    ),
  ];
}
