import type { ClaimSource } from '../../directory/module.ts';

/** What Cohort itself says about a user, in the order in which users are asked. */
const STANDARD = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'];

/** A scope as users read it: `consent.scopes.<scope>` of the catalogue, or its name where an API of someone else is meant. */
export interface ReadableScope {
  scope: string;
  /** The API whose scope it is. */
  resource?: string;
}

/** Those of these scopes that users are asked about, in the order in which they are. */
export function inOrder(scopes: string[], claims: ClaimSource[]): ReadableScope[] {
  const order = [...STANDARD, ...claims.map(({ scope }) => scope)];
  return order.filter((scope) => scopes.includes(scope)).map((scope) => ({ scope }));
}
