import { system, themselves } from '../../src/platform/actor.ts';
import type { User } from '../../src/directory/users/user.ts';
import { ownSession, type TestApp } from './app.ts';
import { emailsTo, pathIn } from './emails.ts';

/** What happens to an account, on one node, while something of its user's is open on another. */
export interface Ending {
  /** As the table in `docs/operations.md` names it. */
  name: string;
  act(node: TestApp, user: User, token: string): Promise<unknown>;
  /** The password after it; the same one unless it was changed, none when the account is gone. */
  password?: string | null;
}

export const NEXT_PASSWORD = 'Another#2027';

const call = async (
  { http }: TestApp,
  token: string,
  method: 'delete' | 'post' | 'put',
  path: string,
  body: object = {},
) => {
  const reply = await http[method](path).set('authorization', `Bearer ${token}`).send(body);
  if (reply.status >= 300) throw new Error(`${method} ${path} answered ${reply.status}: ${reply.text}`);
};

async function resetPassword(node: TestApp, { username }: User): Promise<void> {
  await node.http.post('/recover').type('form').send({ email: username });
  const path = await resetLinkTo(node, username);
  const reply = await node.http
    .post(path)
    .type('form')
    .send({ password: NEXT_PASSWORD, password_again: NEXT_PASSWORD });
  if (reply.status !== 200) throw new Error(`The reset answered ${reply.status}.`);
}

/** Whoever delivers it: others who wait for emails at the same time may have taken this one. */
export async function resetLinkTo(node: TestApp, username: string): Promise<string> {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const email = (await emailsTo(node, username)).find(({ text }) => text.includes('/recover/'));
    if (email) return pathIn(node, email.text);
  }
  throw new Error(`No link came to ${username}.`);
}

export const ENDINGS: Ending[] = [
  { name: 'Password reset by email', act: resetPassword, password: NEXT_PASSWORD },
  {
    name: 'Password changed by the user',
    act: async (node, user) =>
      node.app.credentials.change(themselves(user), await ownSession(node, user.id), NEXT_PASSWORD),
    password: NEXT_PASSWORD,
  },
  {
    name: 'Temporary password set',
    act: (node, { id }, token) =>
      call(node, token, 'put', `/v1/users/${id}/password`, { temporary_password: NEXT_PASSWORD }),
    password: NEXT_PASSWORD,
  },
  {
    name: 'All sessions ended by an administrator',
    act: (node, { id }, token) => call(node, token, 'delete', `/v1/users/${id}/sessions`),
  },
  {
    name: 'Sessions ended by a job',
    act: (node, { id }) => node.app.users.endSessionsOfMany(system, [id]),
  },
  {
    name: 'All other sessions ended by the user',
    act: ({ app }, user) => app.sessions.endOtherSessions(themselves(user), user, 'none'),
  },
  {
    name: 'Factors removed by an administrator',
    act: (node, { id }, token) => call(node, token, 'delete', `/v1/users/${id}/factors/totp`),
  },
  {
    name: 'All factors removed by an administrator',
    act: (node, { id }, token) => call(node, token, 'delete', `/v1/users/${id}/factors`),
  },
  {
    name: 'Factor removed by the user',
    act: (node, user) => node.app.mfa.factors.remove(themselves(user), user, 'totp', 'none'),
  },
  {
    name: 'Disabled',
    act: (node, { id }, token) => call(node, token, 'post', `/v1/users/${id}/disable`),
    password: null,
  },
  {
    name: 'Disabled, and enabled again',
    async act(node, { id }, token) {
      await call(node, token, 'post', `/v1/users/${id}/disable`);
      await call(node, token, 'post', `/v1/users/${id}/enable`);
    },
  },
  {
    name: 'Disabled by a job, and enabled again by one',
    async act({ app }, { id }) {
      await app.users.disableMany(system, [id]);
      await app.users.enableMany(system, [id]);
    },
  },
  {
    name: 'Deleted',
    act: (node, { id }, token) => call(node, token, 'delete', `/v1/users/${id}`),
    password: null,
  },
];

export const NARROW_ENDINGS: Ending[] = [
  {
    name: 'One session ended',
    async act({ app }, user) {
      const { items } = await app.sessions.sessionsOf(user, { list: '', limit: 1 });
      const [session] = items;
      if (session) await app.sessions.endSession(themselves(user), user, session.id);
    },
  },
  {
    name: 'Application disconnected',
    async act({ app }, user) {
      for (const { application } of (await app.sessions.connections(user, { list: '', limit: 50 })).items)
        await app.sessions.disconnect(themselves(user), user, application.id);
    },
  },
];
