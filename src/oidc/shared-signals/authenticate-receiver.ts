import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Application } from '../../directory/applications/application.ts';
import { toPublic } from '../keys/key.ts';
import type { KeySet } from '../keys/keys.ts';
import { signalsAudience, type SignalScope } from './receiver.ts';
import { TransmitterError } from './transmitter-error.ts';

export interface AuthenticateReceiverOptions {
  issuer: string;
  keySet(): Promise<KeySet>;
  findApplication(clientId: string): Promise<Application | undefined>;
}

export type AuthenticateReceiver = (authorization: string, anyOf: readonly SignalScope[]) => Promise<Application>;

/**
 * The application that an access token (RFC 9068) was issued to, which it got in its own name and with one of these scopes.
 * @throws TransmitterError
 */
export function createAuthenticateReceiver(options: AuthenticateReceiverOptions): AuthenticateReceiver {
  const { issuer, keySet, findApplication } = options;

  return async (authorization, anyOf) => {
    const [, token] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization) ?? [];
    if (!token) throw refused('send an access token as: Authorization: Bearer <token>');
    const claims = await verify(token);
    const application = await findApplication(String(claims['client_id']));
    if (!application?.signals?.shared) throw refused('the application may not receive security events');
    const scopes = (typeof claims['scope'] === 'string' ? claims['scope'] : '').split(' ');
    if (!anyOf.some((scope) => scopes.includes(scope)))
      throw new TransmitterError(403, 'insufficient_scope', `the token needs the scope ${anyOf.join(' or ')}`);
    return application;
  };

  async function verify(token: string): Promise<JWTPayload> {
    const { jwks } = await keySet();
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: jwks.keys.map(toPublic) }), {
        issuer,
        audience: signalsAudience(issuer),
        typ: 'at+jwt',
        algorithms: ['ES256', 'RS256'],
        requiredClaims: ['exp', 'client_id'],
      });
      if (payload.sub !== payload['client_id']) throw refused('the token must be one of the application itself');
      if ('cnf' in payload) throw refused('tokens that are bound to a key are not accepted here');
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw refused('the access token is not valid or has expired');
    }
  }
}

const refused = (description: string) => new TransmitterError(401, 'invalid_token', description);
