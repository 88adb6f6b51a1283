import { z } from 'zod';
import { unlimited, type Authorization } from '../../platform/http/authorization.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../../config/protocol-settings.ts';
import { changeableSettings, SETTING_SOURCES, type DescribedSetting } from '../../../config/describe.ts';
import type { Actor } from '../../platform/actor.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import { newSecret } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import {
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Key } from '../../oidc/keys/key.ts';
import { AlgorithmNotInUse, type Keys } from '../../oidc/keys/keys.ts';
import { UnusableSetting, type Settings } from './settings.ts';
import { usernameShape } from '../../directory/users/user.ts';

const tag = 'Settings';

export const settingReply = z
  .strictObject({
    variable: z.string(),
    about: z.string(),
    value: z.string().nullable().meta({ description: 'null if there is none, or if it is a secret.' }),
    is_secret: z.boolean(),
    source: z.enum(SETTING_SOURCES).meta({ description: 'Source of the value.' }),
    is_changeable: z.boolean().meta({ description: 'Whether it can be changed here.' }),
    choices: z.array(z.string()).nullable().meta({ description: 'The allowed values, if there are only a few.' }),
  })
  .meta({ id: 'Setting' });

const change = (about: string) => z.string().max(2000).nullable().optional().meta({ description: about });
const changeShape = z
  .strictObject(Object.fromEntries(changeableSettings.map(({ variable, about }) => [variable, change(about)])))
  .meta({ example: { COHORT_BRAND_NAME: 'Flying club' } });

const keyReply = z
  .strictObject({
    kid: z.string(),
    use: z.string().meta({ description: 'The algorithm (RFC 7518), or `cookie`.', example: 'ES256' }),
    signs_from: z.number().int(),
    verifies_until: z.number().int().nullable().meta({ description: 'null if the key has no successor yet.' }),
  })
  .meta({ id: 'Key' });

export const getSettings = endpoint({
  method: 'get',
  path: '/v1/settings',
  summary: 'List the settings',
  description:
    'A value comes from the environment, from a change made here, or is the default, in this order. `value` has the form of the environment variable.',
  tag,
  scope: 'settings:read',
  authorize: unlimited,
  status: 200,
  reply: resultOf(z.array(settingReply)),
  errors: [],
});

const changedSettings: Authorization<unknown, Record<string, string | null | undefined>> = {
  withAdminScope: unlimited.withAdminScope,
  alsoRequires: '`users:write` to let users register themselves.',
  assert: (access, { actor, body = {} }) => access.changeSettings(actor, body),
};

export const changeSettings = endpoint({
  method: 'patch',
  path: '/v1/settings',
  summary: 'Change settings',
  description:
    'Changes the given settings, by variable. null resets a setting to its default. All nodes apply changes within seconds.',
  tag,
  scope: 'settings:write',
  authorize: changedSettings,
  body: changeShape,
  status: 200,
  reply: resultOf(z.array(settingReply)),
  errors: [UnusableSetting],
});

export const listKeys = endpoint({
  method: 'get',
  path: '/v1/keys',
  summary: 'List the keys',
  description: 'Returns the keys that sign tokens and cookies, with their times, without the key material.',
  tag,
  scope: 'settings:read',
  authorize: unlimited,
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(keyReply),
  errors: [BadCursor],
});

export const rotateKeys = endpoint({
  method: 'post',
  path: '/v1/keys/rotate',
  summary: 'Rotate keys',
  description:
    'New keys sign from now on: of one algorithm, or of all of them and of cookies. Old keys stay valid during the overlap period. Users stay signed in.',
  tag,
  scope: 'settings:write',
  authorize: unlimited,
  query: z.strictObject({ algorithm: z.enum(SIGNING_ALGORITHMS).optional() }),
  status: 204,
  reply: noContent,
  errors: [AlgorithmNotInUse],
});

export const sendTestEmail = endpoint({
  method: 'post',
  path: '/v1/mail/test',
  summary: 'Send a test email',
  description: 'The email is sent through the outbox, with retries, like every other email.',
  tag,
  scope: 'settings:write',
  authorize: unlimited,
  body: z.strictObject({ to: usernameShape }),
  status: 204,
  reply: noContent,
  errors: [],
});

export interface SettingsEndpointsOptions {
  settings: Settings;
  keys: Pick<Keys, 'list' | 'rotate'>;
  post: Mail['post'];
  audit: Audit;
  transact: Transact;
  now: Clock;
}

export function settingsEndpoints({
  settings,
  keys,
  post,
  audit,
  transact,
  now,
}: SettingsEndpointsOptions): Endpoint[] {
  async function rotate(actor: Actor, algorithm?: SigningAlgorithm): Promise<void> {
    await keys.rotate(algorithm);
    await audit.record(actor, 'key.rotated', { kind: 'key', id: '', name: algorithm ?? '' });
  }

  async function sendTest(actor: Actor, to: string): Promise<void> {
    await transact(async () => {
      await post({ cause: `test:${newSecret()}`, to, view: 'test', model: { at: unixSeconds(now()), by: actor.name } });
      await audit.record(actor, 'mail.tested', { kind: 'mail', id: '', name: to });
    });
  }

  const present = ({ isSecret, isChangeable, ...setting }: DescribedSetting): z.input<typeof settingReply> => ({
    ...setting,
    is_secret: isSecret,
    is_changeable: isChangeable,
  });
  const list = async () => ({ result: (await settings.list()).map(present) });

  return [
    getSettings.handledBy(list),
    changeSettings.handledBy(async ({ body, actor }) => {
      await settings.change(actor, body);
      return list();
    }),
    listKeys.handledBy(async ({ query }) => {
      const page = pageOfItems(await keys.list(), toPageRequest('keys', query), keyOfKey);
      return presentPage(page, ({ id, use, signsFrom, verifiesUntil }) => ({
        kid: id,
        use,
        signs_from: unixSeconds(signsFrom),
        verifies_until: verifiesUntil ? unixSeconds(verifiesUntil) : null,
      }));
    }),
    rotateKeys.handledBy(({ query: { algorithm }, actor }) => rotate(actor, algorithm)),
    sendTestEmail.handledBy(({ body, actor }) => sendTest(actor, body.to)),
  ];
}

const keyOfKey = ({ id, use, signsFrom }: Key) => `${use} ${timeKey(signsFrom, id)}`;
