import { createHmac } from 'node:crypto';
import type { Application } from '../../directory/applications/application.ts';
import type { KeySet } from '../keys/keys.ts';

type Salted = Pick<KeySet, 'pairwiseSalt'>;

/**
 * The `sub` by which an application knows a user. With `subject_type` `pairwise`, it is the same for the applications of one
 * sector (OpenID Connect Core 8.1) and tells others nothing: without the salt, nobody can find the user to it.
 */
export function subjectFor(
  { pairwiseSalt }: Salted,
  userId: string,
  application: Pick<Application, 'id' | 'metadata'>,
): string {
  if (application.metadata['subject_type'] !== 'pairwise') return userId;
  const salt = Buffer.from(pairwiseSalt, 'base64url');
  return createHmac('sha256', salt)
    .update(`${sectorOf(application)}\0${userId}`)
    .digest('base64url');
}

/** The only place that says it: tokens, distributed claims and the claims preview must agree on the `sub`. */
function sectorOf({ id, metadata }: Pick<Application, 'id' | 'metadata'>): string {
  const [redirectUri] = (metadata['redirect_uris'] ?? []) as string[];
  const address = metadata['sector_identifier_uri'] ?? redirectUri ?? metadata['jwks_uri'];
  return typeof address === 'string' ? new URL(address).host : id;
}
