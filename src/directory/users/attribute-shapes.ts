import { z } from 'zod';
import { isPlainText } from '../../../config/plain-text.ts';
import { NAME_FAULTS } from '../../platform/names.ts';

/** The parts of an address (OpenID Connect Core 5.1.1); `formatted` follows from them. */
export const ADDRESS_PARTS = ['street_address', 'locality', 'region', 'postal_code', 'country'] as const;
export type Address = { [Part in (typeof ADDRESS_PARTS)[number]]?: string | undefined };

/**
 * What a user may have besides a name, by the names of OpenID Connect Core 5.1. Which of it is in use is the organization's
 * decision (`COHORT_USER_ATTRIBUTES`); the rest stays as it is until it is in use again.
 */
export interface UserAttributes {
  middle_name?: string;
  nickname?: string;
  profile?: string;
  website?: string;
  gender?: string;
  birthdate?: string;
  phone_number?: string;
  /** Absent unless an administrator or an import vouches for this very number. */
  phone_number_verified?: true;
  address?: Address;
}

const MOST_CHARACTERS = 100;

const lineShape = z
  .string()
  .trim()
  .max(MOST_CHARACTERS, NAME_FAULTS.too_long)
  .refine(isPlainText, NAME_FAULTS.hidden)
  .transform((text) => text.normalize('NFC'));

/** Forms write their line breaks as CRLF, and mean the same text. */
const linesShape = z
  .string()
  .trim()
  .max(300, 'must have at most 300 characters')
  .transform((text) => text.replace(/\r\n?/g, '\n').normalize('NFC'))
  .refine((text) => text.split('\n').every(isPlainText), NAME_FAULTS.hidden);

const textShape = lineShape.refine((text) => text !== '', 'must not be empty; null removes the value');

const urlShape = z
  .string()
  .trim()
  .max(500, 'must have at most 500 characters')
  .refine(isWebUrl, 'must be an http or https URL, without a user name or password');

function isWebUrl(text: string): boolean {
  const url = /^https?:\/\//i.test(text) && isPlainText(text) ? URL.parse(text) : null;
  return url !== null && url.username === '' && url.password === '';
}

/** OpenID Connect Core 5.1: `YYYY-MM-DD`, with the year 0000 if it is not given, or `YYYY`. */
const birthdateShape = z
  .string()
  .trim()
  .refine(isBirthdate, {
    error: 'must be a date such as 1815-12-10, 0000-12-10 without the year, or a year such as 1815',
    abort: true,
  })
  .refine((text) => text <= latestBirthdate().slice(0, text.length), 'must not be in the future');

/** Where it is already tomorrow, children are born too: UTC is up to 14 hours behind. */
const latestBirthdate = () => new Date(Date.now() + 14 * 3600 * 1000).toISOString().slice(0, 10);

function isBirthdate(text: string): boolean {
  const [, year = '', monthAndDay] = /^(\d{4})(?:-(\d\d-\d\d))?$/.exec(text) ?? [];
  if (monthAndDay === undefined) return year !== '' && year !== '0000';
  // Without the year, somebody may be born on a leap day.
  const date = `${year === '0000' ? '2000' : year}-${monthAndDay}`;
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** In one form: what separates its digits for the eye (RFC 3966, section 5.1.1) is taken out. */
const phoneNumberShape = z
  .string()
  .trim()
  .max(40, 'must have at most 40 characters')
  .transform((typed, ctx) => {
    // A zero in brackets is dialed within the country only.
    const number = typed.includes('(0)') ? typed : typed.replace(/[ \u00A0().-]/g, '');
    if (E164.test(number)) return number;
    ctx.addIssue({ code: 'custom', message: 'must be a number with its country code, such as +442071838750 (E.164)' });
    return z.NEVER;
  });

/** An address without any part is none. */
const addressShape = z
  .strictObject({
    street_address: linesShape.optional(),
    locality: lineShape.optional(),
    region: lineShape.optional(),
    postal_code: lineShape.optional(),
    country: lineShape.optional(),
  })
  .transform((parts): Address | null => {
    const given = Object.entries(parts).filter(([, text]) => text);
    return given.length > 0 ? Object.fromEntries(given) : null;
  });

/** How attributes are given; null takes the value away. */
export const attributeFields = {
  middle_name: textShape.nullable().optional(),
  nickname: textShape.nullable().optional(),
  profile: urlShape.nullable().optional().meta({
    description: 'URL of the profile page of the user.',
    format: 'uri',
    example: 'https://example.com/ada',
  }),
  website: urlShape.nullable().optional().meta({ format: 'uri', example: 'https://ada.example' }),
  gender: textShape.nullable().optional(),
  birthdate: birthdateShape.nullable().optional().meta({
    description: '`YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY`.',
    example: '1815-12-10',
  }),
  phone_number: phoneNumberShape.nullable().optional().meta({
    description: 'With its country code (E.164).',
    example: '+442071838750',
  }),
  phone_number_verified: z.boolean('must be true or false').optional().meta({
    description: 'Whether you have verified the number. Becomes false when the number changes.',
  }),
  address: addressShape.nullable().optional().meta({ description: 'Replaced as a whole.' }),
};

/** A change of attributes. What is left out stays as it is. */
export type AttributeChange = z.output<z.ZodObject<typeof attributeFields>>;

const textReply = z.string().nullable();

/** As the API returns them. */
export const attributeReply = {
  middle_name: textReply,
  nickname: textReply,
  profile: textReply,
  website: textReply,
  gender: textReply,
  birthdate: textReply,
  phone_number: textReply,
  phone_number_verified: z.boolean(),
  address: z
    .strictObject({
      street_address: z.string().optional(),
      locality: z.string().optional(),
      region: z.string().optional(),
      postal_code: z.string().optional(),
      country: z.string().optional(),
    })
    .nullable(),
};

export const presentAttributes = (attributes: UserAttributes): z.input<z.ZodObject<typeof attributeReply>> => ({
  middle_name: attributes.middle_name ?? null,
  nickname: attributes.nickname ?? null,
  profile: attributes.profile ?? null,
  website: attributes.website ?? null,
  gender: attributes.gender ?? null,
  birthdate: attributes.birthdate ?? null,
  phone_number: attributes.phone_number ?? null,
  phone_number_verified: attributes.phone_number_verified ?? false,
  address: attributes.address ?? null,
});
