import { setTimeout as sleep } from 'node:timers/promises';
import { expectFields, expectJson } from '../answers.ts';
import { openApi } from '../api.ts';
import type { Worker } from '../operations/operation.ts';
import { application, claims, CROWDED_GROUP, publicApplication, type RelyingParty } from '../sample.ts';
import { authorize, signIn } from '../sign-in.ts';
import { basic, redeem, renew, type Tokens } from '../token-requests.ts';
import type { Recorder } from './recorder.ts';

/** Between two requests, so that the server is busy but not overloaded. */
const PAUSE_MS = 15;

/** How often a user's tokens are used in one session, and how often renewed. */
const USES = 10;
const RENEWALS = 4;

export type Visit = () => Promise<void>;

/** A session of a user: signs in, uses the tokens, renews them, and opens the application again. */
export function userVisit(worker: Worker, client: RelyingParty, recorder: Recorder): Visit {
  return async () => {
    const { http, username } = worker;
    const signedIn = await recorder.time('sign-in', () => signIn(worker, username, { client }));
    let tokens = await recorder.time('code', () => redeem(worker, signedIn));
    for (let renewal = 0; renewal < RENEWALS; renewal += 1) {
      for (let use = 0; use < USES; use += 1) {
        await useTokens(worker, tokens, recorder);
        await sleep(PAUSE_MS);
      }
      tokens = await recorder.time(client.secret ? 'refresh' : 'refresh-rotating', () => renew(worker, tokens));
    }
    if (client.id !== application.id) return;
    await recorder.time('code-flow', async () =>
      redeem(worker, await authorize({ http, product: worker.product }, signedIn.browser)),
    );
  };
}

async function useTokens({ http, product, username }: Worker, tokens: Tokens, recorder: Recorder): Promise<void> {
  const { accessToken, subject } = tokens;
  await recorder.time('userinfo', async () => {
    const reply = await http.get(product.paths.userinfo, { headers: { authorization: `Bearer ${accessToken}` } });
    expectFields(reply, expectJson(reply), { sub: subject, email: username, ...claims });
  });
  await recorder.time('introspection', async () => {
    const headers = { authorization: basic(application) };
    const reply = await http.post(product.paths.introspection, { headers, form: { token: accessToken } });
    expectFields(reply, expectJson(reply), { active: true, sub: subject });
  });
}

/** An administrator's program: takes a user out of the crowded group and puts them back, and looks at the members. */
export function adminVisit({ http }: Worker, recorder: Recorder): Visit {
  return async () => {
    const api = await recorder.time('client-credentials', () => openApi(http));
    const [group] = await api.list('/groups', { name: CROWDED_GROUP });
    const path = `/groups/${String(group?.['group_id'])}/members`;
    const members = await recorder.time('members: page of 100', () => api.list(path, { limit: 100 }));
    for (const { user_id: userId } of members) {
      await recorder.time('member: remove', () => api.delete(path, { user_ids: [userId] }));
      await recorder.time('member: add', () => api.post(path, { user_ids: [userId] }));
      await sleep(PAUSE_MS);
    }
  };
}

/** One worker in four has a public client. */
export const clientOf = (number: number): RelyingParty => (number % 4 === 0 ? publicApplication : application);
