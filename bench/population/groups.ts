import type { Application } from '../../src/directory/applications/application.ts';
import { DEFAULT_CLAIM_POLICY } from '../../src/directory/applications/claim-policy.ts';
import { defaultMetadata } from '../../src/directory/applications/client-metadata.ts';
import type { Group } from '../../src/directory/groups/group.ts';
import type { Role } from '../../src/directory/roles/role.ts';
import { countries, kindsOfGroup, places } from './names.ts';
import { idOf, pick, randomOf } from './random.ts';
import { rolesIn, type Shape } from './shape.ts';
import { timeBetween, THE_BEGINNING, THE_END } from './times.ts';

const GROUP_SALT = 0x67726f75;
const ROLE_SALT = 0x726f6c65;
const APPLICATION_SALT = 0x6170706c;

/** The share of groups that have a role. */
const WITH_ROLE = 0.1;

const VERBS = ['read', 'write', 'approve', 'publish', 'order', 'audit', 'print', 'invite'] as const;
const THINGS = ['articles', 'invoices', 'contracts', 'tickets', 'reports', 'rooms', 'courses', 'payments'] as const;

export const groupIdOf = (number: number): string => idOf(GROUP_SALT, number);
export const roleIdOf = (number: number): string => idOf(ROLE_SALT, number);

/** Everything about the group with this number: the same at every call. */
export function groupOf(shape: Shape, number: number): Group {
  const random = randomOf(GROUP_SALT, number);
  const name = `${pick(random, kindsOfGroup)} ${pick(random, places)} ${number}`;
  const createdAt = timeBetween(random, THE_BEGINNING, THE_END);
  const role = shape.firstGroup + Math.floor(random() * rolesIn(shape));
  return {
    id: groupIdOf(number),
    name,
    formerNames: [],
    description: `Made up: ${name}`,
    roleIds: random() < WITH_ROLE ? [roleIdOf(role)] : [],
    requiresSecondFactor: false,
    customData: { region: pick(random, countries), cost_centre: number },
    createdAt,
    updatedAt: timeBetween(random, createdAt, THE_END),
  };
}

export const bigGroupId = ({ firstUser }: Shape): string => idOf(GROUP_SALT, -1 - firstUser);

const BIG_GROUP = 'The big group';

/** Its name for a whole population; whoever is filled in beside others gets a big group of their own. */
export const bigGroupName = (firstUser = 0): string => (firstUser === 0 ? BIG_GROUP : `${BIG_GROUP} from ${firstUser}`);

/** It carries the shape of its population, and is filled in last: where it is found, everything else is there too. */
export function bigGroupOf(shape: Shape): Group {
  return {
    id: bigGroupId(shape),
    name: bigGroupName(shape.firstUser),
    formerNames: [],
    description: 'Half of everybody, or whatever it was filled with.',
    roleIds: [],
    requiresSecondFactor: false,
    customData: { shape: { ...shape } },
    createdAt: THE_BEGINNING,
    updatedAt: THE_END,
  };
}

export function roleOf(number: number): Role {
  const random = randomOf(ROLE_SALT, number);
  const name = `${pick(random, VERBS)}-${pick(random, THINGS)}-${number}`;
  const times = { createdAt: THE_BEGINNING, updatedAt: THE_BEGINNING };
  return { id: roleIdOf(number), name, description: '', requiresSecondFactor: false, ...times };
}

/** Public ones, which keep no secret. */
export function applicationOf(number: number): Application {
  const random = randomOf(APPLICATION_SALT, number);
  const place = pick(random, places);
  const redirectUris = [`https://app-${number}.example.com/callback`];
  return {
    id: `app-${number}-${idOf(APPLICATION_SALT, number)}`,
    name: `Portal ${place} ${number}`,
    description: '',
    type: 'spa',
    metadata: { ...defaultMetadata('spa'), redirect_uris: redirectUris, post_logout_redirect_uris: [] },
    adminScopes: [],
    skipConsent: false,
    requirePkce: true,
    requiresSecondFactor: false,
    claimPolicy: DEFAULT_CLAIM_POLICY,
    createdAt: THE_BEGINNING,
    updatedAt: THE_BEGINNING,
  };
}
