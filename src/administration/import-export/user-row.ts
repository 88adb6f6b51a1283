import { z } from 'zod';
import { idShape } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import { passwordHashShape } from '../../authentication/credentials/foreign-hashes.ts';
import type { Group } from '../../directory/groups/group.ts';
import { adminRolesShape } from '../../directory/users/admin-role.ts';
import { attributeFields, presentAttributes, type UserAttributes } from '../../directory/users/attribute-shapes.ts';
import { KINDS, newUserShape, STATUSES, userChangeShape, type User } from '../../directory/users/user.ts';
import { groupReferenceShape, membershipRowShape, presentMembership, type MembershipRow } from './membership-row.ts';
import { customDataPathsShape, timeShape, type ColumnsOf } from './record-type.ts';
import type { CellForm } from './row.ts';

/** A user with the password, which nobody but an import or export with secrets reads together with the rest. */
export interface StoredUser extends User {
  password?: { hash: string; temporary: boolean; changedAt: Date };
}

export const userRowShape = z.strictObject({
  user_id: idShape.optional(),
  username: newUserShape.shape.username,
  first_name: userChangeShape.shape.first_name,
  last_name: userChangeShape.shape.last_name,
  kind: z.enum(KINDS, `must be ${KINDS.join(' or ')}`).optional(),
  status: z.enum(STATUSES, `must be ${STATUSES.join(', ')}`).optional(),
  admin_roles: adminRolesShape.optional(),
  admin_groups: z.array(groupReferenceShape).max(100, 'must have at most 100 groups').optional(),
  picture: userChangeShape.shape.picture,
  locale: userChangeShape.shape.locale,
  zoneinfo: userChangeShape.shape.zoneinfo,
  ...attributeFields,
  password_hash: passwordHashShape.optional(),
  password_is_temporary: z.boolean('must be true or false').optional(),
  password_changed_at: timeShape.optional(),
  groups: z.array(membershipRowShape).max(1000, 'must have at most 1000 groups').optional(),
  owner_of: z.array(groupReferenceShape).max(1000, 'must have at most 1000 groups').optional(),
  custom_data: userChangeShape.shape.custom_data,
  custom_data_paths: customDataPathsShape.optional(),
  created_at: timeShape.optional(),
  updated_at: timeShape.optional(),
  last_sign_in_at: timeShape.optional(),
});

export type UserRow = z.output<typeof userRowShape>;

type UserColumn = ColumnsOf<
  StoredUser,
  UserRow,
  {
    id: 'user_id';
    kind: 'kind';
    username: 'username';
    firstName: 'first_name';
    lastName: 'last_name';
    status: 'status';
    adminRoles: 'admin_roles';
    adminScope: 'admin_groups';
    picture: 'picture';
    locale: 'locale';
    zoneinfo: 'zoneinfo';
    attributes: keyof UserAttributes;
    password: 'password_hash' | 'password_changed_at';
    passwordIsTemporary: 'password_is_temporary';
    memberships: 'groups';
    ownerOf: 'owner_of';
    customData: 'custom_data';
    createdAt: 'created_at';
    updatedAt: 'updated_at';
    lastSignInAt: 'last_sign_in_at';
    // Where a user is imported, no proof of identity was ever given.
    proofsValidSince: never;
  }
>;

export const userColumns = {
  user_id: 'optional',
  username: 'text',
  first_name: 'text',
  last_name: 'text',
  kind: 'optional',
  status: 'optional',
  admin_roles: 'list',
  admin_groups: 'list',
  picture: 'optional',
  locale: 'optional',
  zoneinfo: 'optional',
  middle_name: 'optional',
  nickname: 'optional',
  profile: 'optional',
  website: 'optional',
  gender: 'optional',
  birthdate: 'optional',
  phone_number: 'optional',
  phone_number_verified: 'flag',
  address: 'json',
  password_hash: 'optional',
  password_is_temporary: 'flag',
  password_changed_at: 'optional',
  groups: 'list',
  owner_of: 'list',
  custom_data: 'json',
  created_at: 'optional',
  updated_at: 'optional',
  last_sign_in_at: 'optional',
} as const satisfies Record<UserColumn, CellForm>;

export const userSecretColumns = ['password_hash', 'password_is_temporary', 'password_changed_at'];

/** The groups that rows name, each once: a name without regard to case is one group, spelled as the first row has it. */
export function wantedGroups(...rows: UserRow[]): Map<string, MembershipRow> {
  const wanted = new Map<string, MembershipRow>();
  for (const one of rows.flatMap(({ groups = [] }) => groups)) {
    const key = nameKey(one.group);
    if (!wanted.has(key)) wanted.set(key, one);
  }
  return wanted;
}

export function presentStoredUser(user: StoredUser, groups: Map<string, Group>): Record<UserColumn, unknown> {
  const { password } = user;
  return {
    user_id: user.id,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    kind: user.kind,
    status: user.status,
    ...administrationOf(user, groups),
    picture: user.picture,
    locale: user.locale,
    zoneinfo: user.zoneinfo,
    ...presentAttributes(user.attributes),
    phone_number_verified: user.attributes.phone_number && user.attributes.phone_number_verified === true,
    password_hash: password?.hash,
    password_is_temporary: password?.temporary,
    password_changed_at: password?.changedAt.toISOString(),
    // A group that is being deleted is still in its members' documents, but in nothing that anybody reads.
    groups: user.memberships.flatMap((membership) => {
      const name = groups.get(membership.group)?.name;
      return name === undefined ? [] : [presentMembership(name, membership)];
    }),
    owner_of: user.ownerOf.flatMap((id) => groups.get(id)?.name ?? []),
    custom_data: user.customData,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    last_sign_in_at: user.lastSignInAt?.toISOString(),
  };
}

/** Roles that are limited to groups which are all gone come to nothing, and must not come back without the limit. */
function administrationOf({ adminRoles, adminScope }: StoredUser, groups: Map<string, Group>) {
  const names = adminScope?.flatMap((id) => groups.get(id)?.name ?? []);
  if (adminRoles.length === 0 || names?.length === 0) return { admin_roles: undefined, admin_groups: undefined };
  return { admin_roles: adminRoles, admin_groups: names };
}
