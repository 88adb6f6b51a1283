import { z } from 'zod';
import { anywhere } from '../../platform/http/authorization.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { onApplication } from '../authorization.ts';
import { ApplicationNotFound, clientIdShape, InvalidApplication, NotASignInClient } from './application.ts';
import type { ApplicationSignals } from './application-signals.ts';
import {
  presentSignalSettings,
  signalSettingsReply,
  signalSettingsShape,
  toSignalSettings,
} from './signal-settings.ts';

const common = {
  path: '/v1/applications/{client_id}/signals',
  tag: 'Applications',
  params: z.strictObject({ client_id: clientIdShape }),
  status: 200,
  reply: resultOf(signalSettingsReply),
} as const;

export const getSignalSettings = endpoint({
  ...common,
  method: 'get',
  summary: 'Get how an application learns of changes',
  scope: 'applications:read',
  authorize: anywhere,
  errors: [ApplicationNotFound, NotASignInClient],
});

export const setSignalSettings = endpoint({
  ...common,
  method: 'put',
  summary: 'Set how an application learns of changes',
  description: 'Omitted fields are reset to their defaults.',
  scope: 'applications:write',
  authorize: onApplication,
  body: signalSettingsShape,
  errors: [ApplicationNotFound, NotASignInClient, InvalidApplication],
});

export function applicationSignalsEndpoints({ signals }: { signals: ApplicationSignals }): Endpoint[] {
  return [
    getSignalSettings.handledBy(async ({ params: { client_id: id } }) => ({
      result: presentSignalSettings(await signals.get(id)),
    })),
    setSignalSettings.handledBy(async ({ params: { client_id: id }, body, actor }) => ({
      result: presentSignalSettings(await signals.set(actor, id, toSignalSettings(body))),
    })),
  ];
}
