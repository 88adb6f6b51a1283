import type Provider from 'oidc-provider';
import { acrOf } from '../../platform/assurance.ts';
import { wishOf } from './situations.ts';

/**
 * Makes codes and ID tokens say of each authorization what its application can compare: the value that it asked for, when
 * it holds. The provider would say the session's own value, which is one for all applications.
 */
export function tellTruthfulAcr(provider: Provider): void {
  Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
    get(this: InstanceType<Provider['OIDCContext']>) {
      return acrOf(this.session?.amr ?? [], wishOf(this.params ?? {}));
    },
  });
}
