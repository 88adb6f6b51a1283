import { errors, type default as Provider } from 'oidc-provider';
import type { ClientMetadata } from '../../directory/applications/application.ts';

/** The types of oidc-provider leave out that clients are made of their metadata. */
type MakeClient = new (metadata: ClientMetadata) => object;

/**
 * Why the provider would not take this as a client, or undefined when it would: the rules of dynamic registration, for
 * metadata that comes in another way.
 */
export function faultOfClient({ Client }: Provider, metadata: ClientMetadata): string | undefined {
  try {
    Reflect.construct(Client as unknown as MakeClient, [metadata]);
    return undefined;
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) return error.error_description ?? error.message;
    // A value of a type that the provider does not expect anywhere makes its checks themselves fail.
    if (error instanceof TypeError) return 'is not client metadata';
    throw error;
  }
}
