import { errors, type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { shownNameShape } from '../../platform/names.ts';
import type { CibaRequests } from './sign-in-requests.ts';

/** In seconds; an application may ask for less. */
const LIFETIME = 600;

export function lifetimeOf({ oidc }: KoaContextWithOIDC): number {
  const requested = Number(oidc.params?.['requested_expiry'] ?? LIFETIME);
  return Math.min(requested, LIFETIME);
}

/** At most so many characters, which a user can compare at a glance. */
const BINDING_MESSAGE_LENGTH = 100;

/** As much of the provider's request as is kept of it. */
interface BackchannelRequest {
  jti: string;
  scope?: string;
  /** Seconds. */
  expiration: number;
  params?: { binding_message?: unknown };
}

export interface CibaFeatureOptions {
  enabled: boolean;
  requests: Pick<CibaRequests, 'ask' | 'findUserId'>;
}

/** The provider's side of CIBA: whom a request means, what it may contain, and how the user hears of it. */
export function cibaFeature({ enabled, requests }: CibaFeatureOptions) {
  return {
    enabled,
    deliveryModes: ['poll', 'ping'],
    processLoginHint: (_ctx: KoaContextWithOIDC, hint: string) => requests.findUserId(hint),
    processLoginHintToken(): never {
      throw new errors.InvalidRequest('login_hint_token is not supported, use login_hint or id_token_hint');
    },
    validateBindingMessage(_ctx: KoaContextWithOIDC, message?: string): void {
      if (message === undefined) return;
      if (message.length > BINDING_MESSAGE_LENGTH || !shownNameShape.safeParse(message).success)
        throw new errors.InvalidBindingMessage(
          `binding_message must be at most ${BINDING_MESSAGE_LENGTH} characters of plain text`,
        );
    },
    validateRequestContext(_ctx: KoaContextWithOIDC, context?: string): void {
      if (context !== undefined) throw new errors.InvalidRequest('request_context is not supported');
    },
    verifyUserCode(_ctx: KoaContextWithOIDC, _account: unknown, code?: string): void {
      if (code !== undefined) throw new errors.InvalidRequest('user_code is not supported');
    },
    async triggerAuthenticationDevice(
      _ctx: KoaContextWithOIDC,
      { jti, scope = '', expiration, params }: BackchannelRequest,
      { accountId }: { accountId: string },
      { clientId }: Client,
    ): Promise<void> {
      const { binding_message: message } = params ?? {};
      await requests.ask({
        userId: accountId,
        clientId,
        authReqId: jti,
        scopes: scope.split(' ').filter(Boolean),
        ...(typeof message === 'string' && message ? { bindingMessage: message } : {}),
        expiresInSeconds: expiration,
      });
    },
  };
}
