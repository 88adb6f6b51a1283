import { z } from 'zod';
import { canonicalEmail } from '../../../config/email-address.ts';
import { isPlainText } from '../../../config/plain-text.ts';
import { customDataShape, type CustomData } from '../../platform/custom-data.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { NAME_FAULTS } from '../../platform/names.ts';
import { unixSeconds } from '../../platform/clock.ts';
import {
  ADMIN_ROLES,
  adminRolesShape,
  adminScopeReply,
  adminScopeShape,
  presentAdminScope,
  type Administration,
} from './admin-role.ts';
import type { Membership } from '../memberships/period.ts';
import { attributeFields, attributeReply, presentAttributes, type UserAttributes } from './attribute-shapes.ts';

export const KINDS = ['customer', 'administrator'] as const;
export const STATUSES = ['invited', 'active', 'disabled'] as const;

export type Kind = (typeof KINDS)[number];
export type Status = (typeof STATUSES)[number];

/** A customer, or an administrator of Cohort itself. */
export interface User extends Administration {
  id: Id;
  kind: Kind;
  /** The email, normalised. Unique, and never changes. */
  username: string;
  firstName: string;
  lastName: string;
  status: Status;
  /** The address of a picture of theirs. */
  picture?: string | undefined;
  /** The language they want to be spoken to in, as a tag (BCP 47). */
  locale?: string | undefined;
  /** Their time zone, by its name in the IANA database. */
  zoneinfo?: string | undefined;
  attributes: UserAttributes;
  customData: CustomData;
  /** Also those that have not begun, or have ended: `memberships/` says which count. */
  memberships: Membership[];
  /** The groups whose members they may manage. */
  ownerOf: Id[];
  /** True while the password is one that an administrator chose. */
  passwordIsTemporary: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** Absent for someone who never signed in. */
  lastSignInAt?: Date | undefined;
  /** Earlier proofs of identity are worth nothing (`proof.ts`). Absent as long as nothing has ended any. */
  proofsValidSince?: Date | undefined;
}

export const OnlyCustomersInGroups = defineError(
  'conflict',
  'only_customers_can_be_members',
  'Only customers can be members of a group.',
);
export const UserNotFound = defineError('missing', 'user_not_found', 'No user has this ID.');
export const UsernameTaken = defineError('conflict', 'username_taken', 'The username is already taken.');
export const LastAdministrator = defineError(
  'conflict',
  'last_administrator',
  'The last active owner cannot be disabled or deleted, and must stay an owner.',
);
export const UsernameNeverChanges = defineError('invalid', 'username_never_changes', 'Usernames cannot be changed.');

/** In one form, with the domain in Unicode: two spellings of one mailbox must not be two users. */
export const usernameShape = z
  .string()
  .trim()
  .max(254, 'must have at most 254 characters')
  .transform((typed, ctx) => {
    const address = canonicalEmail(typed);
    if (address === undefined) ctx.addIssue({ code: 'custom', message: 'must be a valid email' });
    return address ?? z.NEVER;
  })
  .meta({ description: 'Email of the user. Unique; cannot be changed.', format: 'email', example: 'ada@example.com' });

// Hidden characters could make a name look like another one, or like markup in a mail.
const nameShape = z
  .string()
  .trim()
  .max(100, NAME_FAULTS.too_long)
  .refine(isPlainText, NAME_FAULTS.hidden)
  .transform((name) => name.normalize('NFC'));

/** Names as OpenID Connect Core 5.1 has them; null takes the value away. */
const profileFields = {
  picture: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .max(500, 'must have at most 500 characters')
    .nullable()
    .optional()
    .meta({ example: 'https://example.com/ada.jpg' }),
  locale: z
    .string()
    .max(35)
    .refine(isLocale, 'must be a language tag such as en or pt-BR')
    .nullable()
    .optional()
    .meta({ example: 'en' }),
  zoneinfo: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
    .nullable()
    .optional()
    .meta({ example: 'Europe/Berlin' }),
};

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Offsets are no names: they do not know summer time.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** What a new user may be given. */
export const newUserShape = z.strictObject({
  username: usernameShape,
  first_name: nameShape.default(''),
  last_name: nameShape.default(''),
  ...profileFields,
  ...attributeFields,
  kind: z.enum(KINDS).default('customer'),
  custom_data: customDataShape.default({}),
  admin_roles: adminRolesShape
    .optional()
    .meta({ description: 'Roles of an administrator. An administrator without roles can do nothing.' }),
  admin_scope: adminScopeShape,
  group_ids: z
    .array(idShape)
    .max(1000, 'must have at most 1000 groups')
    .transform((ids) => [...new Set(ids)])
    .optional()
    .meta({ description: 'Initial groups of a customer.' }),
});

export type NewUser = z.output<typeof newUserShape>;

/** What may be changed about a user. A field that is left out stays as it is. */
export const userChangeShape = z.strictObject({
  first_name: nameShape.optional(),
  last_name: nameShape.optional(),
  ...profileFields,
  ...attributeFields,
  custom_data: customDataShape.optional(),
});

export type UserChange = z.output<typeof userChangeShape>;

/** The entire profile, as the API returns it. */
export const userReply = z
  .strictObject({
    user_id: idShape,
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    kind: z.enum(KINDS),
    status: z.enum(STATUSES),
    picture: z.string().nullable(),
    locale: z.string().nullable(),
    zoneinfo: z.string().nullable(),
    ...attributeReply,
    password_is_temporary: z.boolean(),
    admin_roles: z.array(z.enum(ADMIN_ROLES)).meta({ description: 'Empty for customers.' }),
    admin_scope: adminScopeReply,
    custom_data: z.record(z.string(), z.unknown()),
    created_at: z.number().int(),
    updated_at: z.number().int(),
    last_sign_in_at: z.number().int().nullable(),
  })
  .meta({ id: 'User' });

export function presentUser(user: User): z.input<typeof userReply> {
  return {
    user_id: user.id,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    kind: user.kind,
    status: user.status,
    picture: user.picture ?? null,
    locale: user.locale ?? null,
    zoneinfo: user.zoneinfo ?? null,
    ...presentAttributes(user.attributes),
    password_is_temporary: user.passwordIsTemporary,
    admin_roles: user.adminRoles,
    admin_scope: presentAdminScope(user),
    custom_data: user.customData,
    created_at: unixSeconds(user.createdAt),
    updated_at: unixSeconds(user.updatedAt),
    last_sign_in_at: user.lastSignInAt ? unixSeconds(user.lastSignInAt) : null,
  };
}
