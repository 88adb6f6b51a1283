import { isDeepStrictEqual } from 'node:util';
import { USER_ATTRIBUTES, type UserAttribute } from '../../../config/profile-settings.ts';
import type { Address, AttributeChange, UserAttributes } from './attribute-shapes.ts';

/** The attributes after a change. Another number is one that nobody has verified, unless the same change says so. */
export function changedAttributes(before: UserAttributes, change: AttributeChange): UserAttributes {
  const values = USER_ATTRIBUTES.flatMap((name) => {
    const value = change[name] === undefined ? before[name] : change[name];
    return value === null || value === undefined ? [] : [[name, value]];
  });
  // A cast, because each value comes from the field of its name.
  const after = Object.fromEntries(values) as UserAttributes;
  const isSameNumber = after.phone_number === before.phone_number;
  const isVerified = change.phone_number_verified ?? (isSameNumber && before.phone_number_verified === true);
  return after.phone_number !== undefined && isVerified ? { ...after, phone_number_verified: true } : after;
}

/** What is wrong with one field, and why. */
export interface AttributeFault {
  field: keyof UserAttributes;
  detail: string;
}

/**
 * Why a change is refused: it gives a value to what is not in use, or says that a number is verified which is not there. What
 * is left as it is and what is taken away is never a fault.
 */
export function faultsOfAttributes(
  before: UserAttributes,
  change: AttributeChange,
  inUse: readonly UserAttribute[],
): AttributeFault[] {
  const unused = USER_ATTRIBUTES.filter((name) => !inUse.includes(name));
  const given = unused.filter((name) => change[name] && !isDeepStrictEqual(change[name], before[name]));
  const faults: AttributeFault[] = given.map((field) => ({ field, detail: notInUse(field) }));
  const detail = faultOfVerification(before, change, inUse);
  return detail === undefined ? faults : [...faults, { field: 'phone_number_verified', detail }];
}

function faultOfVerification(
  before: UserAttributes,
  change: AttributeChange,
  inUse: readonly UserAttribute[],
): string | undefined {
  if (change.phone_number_verified !== true) return undefined;
  if (!inUse.includes('phone_number') && !before.phone_number_verified) return notInUse('phone_number');
  const { phone_number: number } = changedAttributes(before, change);
  return number === undefined ? 'requires a phone_number' : undefined;
}

const notInUse = (name: UserAttribute) => `is not in use; add ${name} to COHORT_USER_ATTRIBUTES to use it`;

/** Address lines as on an envelope. */
export function formattedAddress({ street_address: street, locality, region, postal_code: code, country }: Address) {
  const town = [code, locality].filter(Boolean).join(' ');
  return [street, town, region, country].filter(Boolean).join('\n');
}
