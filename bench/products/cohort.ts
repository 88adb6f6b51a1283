import { openCohortDirectory } from '../directories/cohort.ts';
import { oidcProvider } from './oidc-provider.ts';
import type { Product } from './product.ts';

/** Has the paths of the library, and the bare provider's page has the names of Cohort's. */
export const cohort: Product = {
  ...oidcProvider,
  name: 'Cohort',
  features: ['groups', 'etags', 'many-groups'],
  openDirectory: openCohortDirectory,
};
