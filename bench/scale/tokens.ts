import type { User } from '../../src/directory/users/user.ts';
import type { Site } from '../products/product.ts';
import { signIn } from '../sign-in.ts';
import { redeem, renew, type Tokens } from '../token-requests.ts';
import { operation, type ScaleOperation } from './operation.ts';

const SCOPE = 'openid groups';

/** So many people are signed in when refreshing is measured, and take turns. */
const SIGNED_IN = 20;

export const tokenOperations: ScaleOperation[] = [
  operation('sign-in, token with groups', 'the code flow with a password', (place) =>
    signInWithGroups(place, place.draws.active()),
  ),
  {
    name: 'refresh, token with groups',
    about: 'POST /token with a refresh token',
    async begin(place) {
      const waiting: { user: User; tokens: Tokens }[] = [];
      while (waiting.length < SIGNED_IN) {
        const user = place.draws.active();
        waiting.push({ user, tokens: await signInWithGroups(place, user) });
      }
      return async () => {
        const { user, tokens } = waiting.shift()!;
        const renewed = await renew(place, tokens, {});
        expectGroups(renewed, user);
        waiting.push({ user, tokens: renewed });
      };
    },
  },
];

/** The tokens of somebody who has just given their password; the ID token has the groups. */
export async function signInWithGroups(site: Site, user: User): Promise<Tokens> {
  const tokens = await redeem(site, await signIn(site, user.username, { scope: SCOPE }), {});
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
