import type { Client, Grant, Provider } from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';
import type { ProofMark } from '../../directory/users/proof.ts';

/** Room for tokens that are issued later, so that not every one of them has to prolong its grant. */
const SLACK = 1.1;

export interface NewGrant {
  client: Client;
  accountId: string;
  /** Of the session that it is made in. */
  proofMark: ProofMark | undefined;
}

export type MakeGrant = (provider: Provider, wanted: NewGrant) => Grant;

/**
 * Makes grants that live as long as the tokens that may be issued under them; the store prolongs one with the tokens that
 * outlive it. A grant that is gone before its session is made again from the consent, without asking.
 */
export function createMakeGrant({
  accessTokenSeconds,
  refreshTokenSeconds,
  codeSeconds,
}: Pick<Config, 'accessTokenSeconds' | 'refreshTokenSeconds' | 'codeSeconds'>): MakeGrant {
  return (provider, { client, accountId, proofMark }) => {
    const longest = client.grantTypeAllowed('refresh_token') ? refreshTokenSeconds : accessTokenSeconds;
    const properties = {
      accountId,
      clientId: client.clientId,
      proofMark,
      expiresIn: prolonged(codeSeconds + longest),
    };
    return new provider.Grant(properties);
  };
}

/** For how many seconds a grant lives on with a token of so many. */
export const prolonged = (seconds: number): number => Math.ceil(seconds * SLACK);
