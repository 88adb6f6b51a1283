import { expectFields, expectJson, WrongAnswer } from '../answers.ts';
import { memberOf, NUMBERS_OF_GROUPS } from '../sample.ts';
import { signIn } from '../sign-in.ts';
import { redeem, renew, unheardOf } from '../token-requests.ts';
import type { Operation } from './operation.ts';

/** The same operation by users who differ in how many groups they are in; the first is in none. */
export interface Series {
  name: string;
  operations: Operation[];
}

const SCOPE = 'openid email groups';

/** ID tokens carry a list up to a limit of bytes, and beyond it say where the list is. */
const IN_TOKEN = 200;

export const groupsInWords = (groups: number): string => `${groups.toLocaleString('en')} groups`;

function userinfoWith(groups: number): Operation {
  return {
    name: `userinfo, ${groupsInWords(groups)}`,
    about: 'GET /me, which names all groups of the user',
    needs: 'many-groups',
    async begin(worker) {
      const username = memberOf(groups);
      const { accessToken, subject } = await redeem(worker, await signIn(worker, username, { scope: SCOPE }), {});
      return async () => {
        const headers = { authorization: `Bearer ${accessToken}`, ...unheardOf() };
        const reply = await worker.http.get(worker.product.paths.userinfo, { headers });
        const said = expectJson(reply);
        expectFields(reply, said, { sub: subject, email: username });
        if (!Array.isArray(said['groups']) || said['groups'].length !== groups)
          throw new WrongAnswer(`${groups} groups were expected`, reply);
      };
    },
  };
}

function refreshWith(groups: number): Operation {
  return {
    name: `refresh, ${groupsInWords(groups)}`,
    about: 'POST /token with a refresh token; the ID token refers to a list of groups that is too long for it',
    needs: 'many-groups',
    async begin(worker) {
      const tokens = await redeem(worker, await signIn(worker, memberOf(groups), { scope: SCOPE }), {});
      const expected = groups > IN_TOKEN ? { _claim_names: { groups: 'cohort' } } : { groups: [] };
      return async () => void (await renew(worker, tokens, expected));
    },
  };
}

/** What a user in many groups costs. */
export const manyGroups: Series[] = [
  { name: 'userinfo', operations: NUMBERS_OF_GROUPS.map(userinfoWith) },
  { name: 'refresh', operations: NUMBERS_OF_GROUPS.map(refreshWith) },
];
