import { z } from 'zod';

/** What happens to the sign-in of a user who may no longer sign in to an application. */
export const ON_ACCESS_LOST = ['nothing', 'end_refresh_tokens', 'sign_out'] as const;
export type OnAccessLost = (typeof ON_ACCESS_LOST)[number];

/** What an application does not have to ask for: how it is told of changes, and what a change ends by itself. */
export interface SignalSettings {
  /** May have streams of security events (OpenID Shared Signals Framework 1.0). */
  shared: boolean;
  onAccessLost: OnAccessLost;
}

export const NO_SIGNALS: SignalSettings = { shared: false, onAccessLost: 'nothing' };

export const signalSettingsShape = z.strictObject({
  shared_signals: z.boolean().default(false).meta({
    description:
      'Let the application create streams of security events (OpenID Shared Signals Framework 1.0), with an access token that it gets with its own credentials and the scopes `ssf.read` and `ssf.manage`.',
  }),
  on_access_lost: z.enum(ON_ACCESS_LOST).default('nothing').meta({
    description:
      'For users who may no longer sign in to the application: `end_refresh_tokens` ends what was granted to it, with all tokens; `sign_out` also sends back-channel logout. They get no new tokens in any case.',
  }),
});

export type SignalSettingsBody = z.output<typeof signalSettingsShape>;

export const signalSettingsReply = z
  .strictObject({ shared_signals: z.boolean(), on_access_lost: z.enum(ON_ACCESS_LOST) })
  .meta({ id: 'SignalSettings' });

export const toSignalSettings = (body: SignalSettingsBody): SignalSettings => ({
  shared: body.shared_signals,
  onAccessLost: body.on_access_lost,
});

export const presentSignalSettings = (settings: SignalSettings = NO_SIGNALS): z.output<typeof signalSettingsReply> => ({
  shared_signals: settings.shared,
  on_access_lost: settings.onAccessLost,
});
