import { importJWK, SignJWT } from 'jose';
import type { Application } from '../../directory/applications/application.ts';
import type { KeySet } from '../keys/keys.ts';
import type { PendingEvent } from './security-event.ts';

export type SignEvent = (event: PendingEvent, clientId: Application['id']) => Promise<string>;

/**
 * Makes security event tokens (RFC 8417), signed with RS256 as the CAEP Interoperability Profile demands. An event that is sent
 * again is the same token, as long as the key is the same.
 */
export function createSignEvent({ issuer, keySet }: { issuer: string; keySet(): Promise<KeySet> }): SignEvent {
  return async ({ id, content: { subject, type, details, iat, txn } }, clientId) => {
    const { jwks } = await keySet();
    const key = jwks.keys.find(({ alg }) => alg === 'RS256');
    if (!key)
      throw new Error('Security events are signed with RS256, which COHORT_SIGNING_ALGORITHMS does not contain.');
    return new SignJWT({ sub_id: subject, events: { [type]: details }, txn })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid!, typ: 'secevent+jwt' })
      .setIssuer(issuer)
      .setAudience(clientId)
      .setJti(id)
      .setIssuedAt(iat)
      .sign(await importJWK(key, 'RS256'));
  };
}
