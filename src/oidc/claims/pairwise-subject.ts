import { createHmac } from 'node:crypto';
import type { Application } from '../../directory/applications/application.ts';
import type { KeySet } from '../keys/keys.ts';

type Salted = Pick<KeySet, 'pairwiseSalt'>;

/**
 * The `sub` of a user for the applications of one sector (OpenID Connect Core 8.1): always the same for these, and telling
 * others nothing. Without the salt nobody can find the user to it.
 */
export function pairwiseSubject({ pairwiseSalt }: Salted, userId: string, sector: string): string {
  const salt = Buffer.from(pairwiseSalt, 'base64url');
  return createHmac('sha256', salt).update(`${sector}\0${userId}`).digest('base64url');
}

/** The `sub` by which an application knows a user. */
export function subjectFor(salted: Salted, userId: string, { id, metadata }: Application): string {
  if (metadata['subject_type'] !== 'pairwise') return userId;
  const [redirectUri] = (metadata['redirect_uris'] ?? []) as string[];
  const address = metadata['sector_identifier_uri'] ?? redirectUri ?? metadata['jwks_uri'];
  return pairwiseSubject(salted, userId, typeof address === 'string' ? new URL(address).host : id);
}
