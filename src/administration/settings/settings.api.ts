import { z } from 'zod';
import { changeableSettings, SETTING_SOURCES, type DescribedSetting } from '../../../config/describe.ts';
import type { Actor } from '../../platform/actor.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { newSecret } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Keys } from '../../oidc/keys/keys.ts';
import { UnusableSetting, type Settings } from './settings.ts';
import { usernameShape } from '../../directory/users/user.ts';

const tag = 'Settings';

export const settingReply = z
  .strictObject({
    variable: z.string(),
    about: z.string(),
    value: z.string().nullable().meta({ description: 'null when there is none, or when it is a secret.' }),
    is_secret: z.boolean(),
    source: z.enum(SETTING_SOURCES).meta({ description: 'Who said so; the environment comes first.' }),
    is_changeable: z.boolean().meta({ description: 'Whether a call can change it.' }),
    choices: z.array(z.string()).nullable().meta({ description: 'All that it may be, where these are few.' }),
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
    verifies_until: z.number().int().nullable().meta({ description: 'null for those that have no successor yet.' }),
  })
  .meta({ id: 'Key' });

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
  async function rotate(actor: Actor): Promise<void> {
    await keys.rotate();
    await audit.record(actor, 'key.rotated', { kind: 'key', id: '', name: '' });
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
    endpoint({
      method: 'get',
      path: '/v1/settings',
      summary: 'List the settings',
      description:
        'They come from the environment, from whoever changed them here, or are the default, in this order. `value` is what the environment variable would hold.',
      tag,
      scope: 'settings:read',
      status: 200,
      reply: resultOf(z.array(settingReply)),
      errors: [],
      handle: list,
    }),
    endpoint({
      method: 'patch',
      path: '/v1/settings',
      summary: 'Change settings',
      description:
        'Those that are given, by variable; null is back to the default. Every node takes them over within seconds.',
      tag,
      scope: 'settings:write',
      body: changeShape,
      status: 200,
      reply: resultOf(z.array(settingReply)),
      errors: [UnusableSetting],
      async handle({ body, actor }) {
        await settings.change(actor, body);
        return list();
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/keys',
      summary: 'List the keys',
      description: 'What signs tokens and cookies, and until when. Never the keys themselves.',
      tag,
      scope: 'settings:read',
      status: 200,
      reply: resultOf(z.array(keyReply)),
      errors: [],
      handle: async () => ({
        result: (await keys.list()).map(({ id, use, signsFrom, verifiesUntil }) => ({
          kid: id,
          use,
          signs_from: unixSeconds(signsFrom),
          verifies_until: verifiesUntil ? unixSeconds(verifiesUntil) : null,
        })),
      }),
    }),
    endpoint({
      method: 'post',
      path: '/v1/keys/rotate',
      summary: 'Replace all keys',
      description: 'New keys sign from now on; the old ones verify until the overlap is over. Nobody is signed out.',
      tag,
      scope: 'settings:write',
      status: 204,
      reply: noContent,
      errors: [],
      handle: ({ actor }) => rotate(actor),
    }),
    endpoint({
      method: 'post',
      path: '/v1/mail/test',
      summary: 'Send a test letter',
      description: 'It goes the way of every letter: through the outbox, with retries.',
      tag,
      scope: 'settings:write',
      body: z.strictObject({ to: usernameShape }),
      status: 204,
      reply: noContent,
      errors: [],
      handle: ({ body, actor }) => sendTest(actor, body.to),
    }),
  ];
}
