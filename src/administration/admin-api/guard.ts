import { errors, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { requireScopes, type Actor } from '../../platform/actor.ts';
import { defineError } from '../../platform/errors.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { Guard } from '../../platform/http/api.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export const Unauthenticated = defineError(
  'unauthenticated',
  'invalid_token',
  'The access token is missing, expired, or not valid for this API.',
);
export interface GuardOptions {
  issuer: string;
  audience: string;
  /** Finds the public key of this Cohort that a token names. */
  verificationKey: JWTVerifyGetKey;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/** Bearer tokens of the admin API: JWTs (RFC 9068) that this Cohort issued to one of its services, with the right scope. */
export function createGuard({ issuer, audience, verificationKey, findApplication }: GuardOptions): Guard {
  const { claimsOf } = createVerifiedTokens(verificationKey, {
    issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['ES256', 'RS256'],
    requiredClaims: ['exp', 'client_id'],
  });

  return async ({ authorization, scope, address }) => {
    const token = bearerOf(authorization);
    const claims = await verify(token);
    if (claims.sub !== claims['client_id'])
      throw refused('The admin API accepts only access tokens of services, not of users.');
    // A deleted application, or one that lost a scope, is refused although its token has not run out yet.
    const application = await findApplication(String(claims['client_id']));
    if (!application) throw refused('The service that this token was issued to does not exist.');
    const scopes = scopesOf(claims, application);
    const actor: Actor = { kind: 'service', id: application.id, name: application.name, scopes, address };
    requireScopes(actor, [scope]);
    return actor;
  };

  async function verify(token: string): Promise<JWTPayload> {
    try {
      const claims = await claimsOf(token);
      if ('cnf' in claims) throw refused('This token is bound to a key. The admin API accepts only bearer tokens.');
      return claims;
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
      throw refused(
        cause instanceof errors.JWTExpired
          ? 'The access token has expired.'
          : 'The access token is not valid for this API.',
        cause,
      );
    }
  }
}

function bearerOf(authorization: string): string {
  const [, token] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization) ?? [];
  if (!token)
    throw Unauthenticated({ detail: 'Send an access token as: Authorization: Bearer <token>.', challenge: 'Bearer' });
  return token;
}

function scopesOf(claims: JWTPayload, application: Application): Set<string> {
  const granted = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
  return new Set(granted.filter((scope) => application.adminScopes.includes(scope)));
}

function refused(detail: string, cause?: unknown) {
  return Unauthenticated({ detail, challenge: `Bearer error="invalid_token", error_description="${detail}"`, cause });
}
