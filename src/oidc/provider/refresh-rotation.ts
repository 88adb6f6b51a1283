import type { Client } from 'oidc-provider';

const YEAR = 365 * 24 * 3600;
/** A refresh token that need not rotate at each use does when this much of its life has passed, so that who uses it keeps one. */
const ROTATED_AT_PERCENT = 70;

/** What decides whether a refresh token is replaced. Times in Unix seconds. */
export interface RefreshState {
  iat: number;
  exp: number;
  /** When the first of its family was issued. */
  iiat?: number | undefined;
  /** It was issued to a client that proves nothing when it uses it. */
  isBearer?: boolean | undefined;
}

export interface Bound {
  jkt?: string | undefined;
  'x5t#S256'?: string | undefined;
}

/** RFC 9700, section 4.14.2: the client that presents the token proves who it is, or the token is another one each time. */
export const isBearer = (client: Pick<Client, 'clientAuthMethod'> | undefined, token: Bound): boolean =>
  client?.clientAuthMethod === 'none' && !token.jkt && !token['x5t#S256'];

/** Whether it may have been replaced already: one that is not due yet never was. */
export function isDue({ iat, exp, isBearer }: RefreshState, now: number): boolean {
  return isBearer === true || 100 * (now - iat) >= ROTATED_AT_PERCENT * (exp - iat);
}

/** No chain of tokens goes on for more than a year and the life of one. */
export const mayGoOn = ({ iiat, iat }: RefreshState, now: number): boolean => now - (iiat ?? iat) < YEAR;
