import { nameKey } from '../../platform/names.ts';

/** What no application may be called, because users and the audit log would take it for Cohort itself. */
export interface Reserved {
  isId(clientId: string): boolean;
  isName(name: string): boolean;
}

const PRODUCT = 'Cohort';

/** The ids under which Cohort itself acts, as the audit log has them, and `new`, which is an address of the console. */
const OWN_IDS = ['cohort', 'registration', 'new'];

/** Also ids of pages that a later version may have. */
const OWN_ID = /^cohort-/i;

const keyOf = (name: string) => nameKey(name).replace(/\s+/g, '');

export function createReserved({
  brand,
  firstParty,
}: {
  brand: string;
  firstParty: ReadonlyMap<string, { name: string }>;
}): Reserved {
  const names = new Set([PRODUCT, brand, ...[...firstParty.values()].map(({ name }) => name)].map(keyOf));
  return {
    isId: (clientId) => firstParty.has(clientId) || OWN_IDS.includes(clientId.toLowerCase()) || OWN_ID.test(clientId),
    isName: (name) => names.has(keyOf(name)),
  };
}
