import { setting } from './setting.ts';
import { listOf } from './shapes.ts';

/** Attributes of users that an organization may use besides those that all have, by the claims of OpenID Connect Core 5.1. */
export const USER_ATTRIBUTES = [
  'middle_name',
  'nickname',
  'profile',
  'website',
  'gender',
  'birthdate',
  'phone_number',
  'address',
] as const;

export type UserAttribute = (typeof USER_ATTRIBUTES)[number];

/** What is recorded about users. */
export const profileSettings = {
  userAttributes: setting(
    'COHORT_USER_ATTRIBUTES',
    listOf(USER_ATTRIBUTES, { separator: ' ' }).optional(),
    undefined,
    'Additional user attributes in use: in forms, the admin API, imports and claims. Values of other attributes stay stored. By default, none are in use.',
    { changeable: true },
  ),
};
