import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { describeSettings } from '../../config/describe.ts';
import type { Actor } from '../base/actor.ts';
import { unixSeconds, type Clock } from '../base/clock.ts';
import { newSecret } from '../base/ids.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../http/endpoint.ts';
import type { Mail } from '../mail/mail.ts';
import type { Keys } from '../oidc/keys.ts';
import { usernameShape } from '../users/user.ts';

const tag = 'Settings';

const settingReply = z
  .strictObject({
    variable: z.string(),
    about: z.string(),
    value: z.string().nullable().meta({ description: 'null when there is none, or when it is a secret.' }),
    is_secret: z.boolean(),
    is_set: z.boolean().meta({ description: 'false when it was left at its default.' }),
  })
  .meta({ id: 'Setting' });

const keyReply = z
  .strictObject({
    kid: z.string(),
    use: z.string().meta({ description: 'The algorithm (RFC 7518), or `cookie`.', example: 'ES256' }),
    signs_from: z.number().int(),
    verifies_until: z.number().int().nullable().meta({ description: 'null for those that have no successor yet.' }),
  })
  .meta({ id: 'Key' });

export interface SettingsEndpointsOptions {
  config: Config;
  keys: Pick<Keys, 'list' | 'rotate'>;
  post: Mail['post'];
  audit: Audit;
  transact: Transact;
  now: Clock;
}

export function settingsEndpoints({ config, keys, post, audit, transact, now }: SettingsEndpointsOptions): Endpoint[] {
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

  return [
    endpoint({
      method: 'get',
      path: '/v1/settings',
      summary: 'List the settings',
      description: 'They come from the environment and hold until the process is started anew.',
      tag,
      scope: 'settings:read',
      status: 200,
      reply: resultOf(z.array(settingReply)),
      errors: [],
      handle: async () => ({
        result: describeSettings(config).map(({ isSecret, isSet, ...setting }) => ({
          ...setting,
          is_secret: isSecret,
          is_set: isSet,
        })),
      }),
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
