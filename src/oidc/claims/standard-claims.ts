import type { AccountClaims } from 'oidc-provider';
import { asciiEmail } from '../../../config/email-address.ts';
import type { UserAttribute } from '../../../config/profile-settings.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { formattedAddress } from '../../directory/users/attributes.ts';
import type { User } from '../../directory/users/user.ts';

/** Claims that all users can have. */
const PROFILE = [
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'picture',
  'locale',
  'zoneinfo',
  'updated_at',
];

/** Attributes with a scope of their own, and its claims; the others belong to `profile`. */
const OWN_SCOPES: { scope: string; attribute: UserAttribute; claims: string[] }[] = [
  { scope: 'phone', attribute: 'phone_number', claims: ['phone_number', 'phone_number_verified'] },
  { scope: 'address', attribute: 'address', claims: ['address'] },
];

/** The claims of each scope of OpenID Connect Core 5.4. A scope whose claims are not in use does not exist. */
export function claimsByScope(attributesInUse: readonly UserAttribute[]): Record<string, string[]> {
  const own = OWN_SCOPES.filter(({ attribute }) => attributesInUse.includes(attribute));
  const ofProfile = attributesInUse.filter((name) => !OWN_SCOPES.some(({ attribute }) => attribute === name));
  return {
    profile: [...PROFILE, ...ofProfile],
    email: ['email', 'email_verified'],
    ...Object.fromEntries(own.map(({ scope, claims }) => [scope, claims])),
  };
}

/** OpenID Connect Core 5.1. A claim that there is no value for is left out. */
export function standardClaims(user: User, attributesInUse: readonly UserAttribute[]): AccountClaims {
  const { middle_name: middle } = attributeClaims(user, attributesInUse);
  const name = [user.firstName, middle, user.lastName].filter(Boolean).join(' ');
  return {
    sub: user.id,
    // OpenID Connect Core 5.1 wants the syntax of RFC 5322, which is ASCII.
    email: asciiEmail(user.username),
    email_verified: user.status === 'active',
    preferred_username: user.username,
    ...(name ? { name } : {}),
    ...(user.firstName ? { given_name: user.firstName } : {}),
    ...(user.lastName ? { family_name: user.lastName } : {}),
    ...(user.picture ? { picture: user.picture } : {}),
    ...(user.locale ? { locale: user.locale } : {}),
    ...(user.zoneinfo ? { zoneinfo: user.zoneinfo } : {}),
    ...attributeClaims(user, attributesInUse),
    updated_at: unixSeconds(user.updatedAt),
  };
}

function attributeClaims({ attributes }: User, inUse: readonly UserAttribute[]): Record<string, unknown> {
  const { address } = attributes;
  const values = {
    ...attributes,
    ...(address ? { address: { formatted: formattedAddress(address), ...address } } : {}),
  };
  const claims = inUse.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  const isPhoneShown = inUse.includes('phone_number') && attributes.phone_number !== undefined;
  return {
    ...(Object.fromEntries(claims) as Record<string, unknown>),
    ...(isPhoneShown ? { phone_number_verified: attributes.phone_number_verified === true } : {}),
  };
}
