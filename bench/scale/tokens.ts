import type { Http } from '../http.ts';
import type { User } from '../../src/directory/users/user.ts';
import { redeem, renew, signIn, type Tokens } from '../sign-in.ts';
import { operation, type ScaleOperation } from './operation.ts';

const SCOPE = 'openid groups';

/** So many people are signed in when refreshing is measured, and take turns. */
const SIGNED_IN = 20;

export const tokenOperations: ScaleOperation[] = [
  operation('sign-in, token with groups', 'the code flow with a password', ({ http, draws }) =>
    signInWithGroups(http, draws.active()),
  ),
  {
    name: 'refresh, token with groups',
    about: 'POST /token with a refresh token',
    async begin({ http, draws }) {
      const waiting: { user: User; refreshToken: string }[] = [];
      while (waiting.length < SIGNED_IN) {
        const user = draws.active();
        waiting.push({ user, refreshToken: (await signInWithGroups(http, user)).refreshToken });
      }
      return async () => {
        const { user, refreshToken } = waiting.shift()!;
        const tokens = await renew(http, refreshToken, {});
        expectGroups(tokens, user);
        waiting.push({ user, refreshToken: tokens.refreshToken });
      };
    },
  },
];

/** The tokens of somebody who has just given their password; the ID token has the groups. */
export async function signInWithGroups(http: Http, user: User): Promise<Tokens> {
  const tokens = await redeem(http, await signIn(http, user.username, SCOPE), {});
  expectGroups(tokens, user);
  return tokens;
}

export function groupsIn({ claims }: Tokens): string[] {
  return claims['groups'] as string[];
}

function expectGroups(tokens: Tokens, { username, memberships }: User): void {
  const groups = groupsIn(tokens);
  if (Array.isArray(groups) && groups.length === memberships.length) return;
  throw new Error(`${username} is in ${memberships.length} groups, but the token says ${JSON.stringify(groups)}.`);
}
