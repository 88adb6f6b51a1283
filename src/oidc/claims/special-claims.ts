import type Provider from 'oidc-provider';

/** Where an account's claims have those that the modules say, apart from the standard ones. */
export const SPECIAL = Symbol('special claims');

type Claims = Record<string, unknown>;
type ClaimsOfSomebody = { available: Claims & { [SPECIAL]?: Claims }; result(): Promise<Claims> };

/**
 * Lets claims through that are not in the provider's configuration: each application has its own name for the claim of the
 * groups, and the configuration is one for all. Whether a claim was asked for is decided before it comes here.
 */
export function tellSpecialClaims(provider: Provider): void {
  // A cast, because the class is there for every provider but not in its types.
  const { prototype } = (provider as unknown as { Claims: { prototype: ClaimsOfSomebody } }).Claims;
  const { result } = prototype;
  prototype.result = async function (this: ClaimsOfSomebody) {
    return { ...(await result.call(this)), ...this.available[SPECIAL] };
  };
}
