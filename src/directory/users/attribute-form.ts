import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Words } from '../../platform/view-model.ts';
import { ADDRESS_PARTS, type Address } from './attribute-shapes.ts';

type TextAttribute = Exclude<UserAttribute, 'address'>;
export type AttributeField = TextAttribute | (typeof ADDRESS_PARTS)[number];

interface Traits {
  /** The value of `autocomplete` for users' own forms (HTML, section 4.10.18.7). */
  autocomplete: string;
  maxlength: number;
  inputmode?: 'url' | 'tel';
  hasLines?: true;
}

const FIELDS: Record<AttributeField, Traits> = {
  middle_name: { autocomplete: 'additional-name', maxlength: 100 },
  nickname: { autocomplete: 'nickname', maxlength: 100 },
  profile: { autocomplete: 'off', maxlength: 500, inputmode: 'url' },
  website: { autocomplete: 'url', maxlength: 500, inputmode: 'url' },
  gender: { autocomplete: 'sex', maxlength: 100 },
  birthdate: { autocomplete: 'bday', maxlength: 10 },
  phone_number: { autocomplete: 'tel', maxlength: 40, inputmode: 'tel' },
  street_address: { autocomplete: 'street-address', maxlength: 300, hasLines: true },
  postal_code: { autocomplete: 'postal-code', maxlength: 100 },
  locality: { autocomplete: 'address-level2', maxlength: 100 },
  region: { autocomplete: 'address-level1', maxlength: 100 },
  country: { autocomplete: 'country-name', maxlength: 100 },
};

const isAddressPart = (field: string) => (ADDRESS_PARTS as readonly string[]).includes(field);

/** The fields of a form for these attributes: an address has one for each of its parts. */
export const attributeFieldsOf = (inUse: readonly UserAttribute[]): AttributeField[] =>
  (Object.keys(FIELDS) as AttributeField[]).filter((field) =>
    (inUse as readonly string[]).includes(isAddressPart(field) ? 'address' : field),
  );

type Shown = { [Name in TextAttribute]?: string | null | undefined } & { address?: Address | null | undefined };

/** What the fields of a form hold; empty for what there is not. */
export function attributesToForm(attributes: Shown, inUse: readonly UserAttribute[]): Record<string, string> {
  const { address, ...texts } = attributes;
  const values: { [Field in AttributeField]?: string | null | undefined } = { ...texts, ...address };
  return Object.fromEntries(attributeFieldsOf(inUse).map((field) => [field, values[field] ?? '']));
}

/** The change that a form asks for: an empty field takes the value away. */
export function attributesFromForm(form: Record<string, string | undefined>, inUse: readonly UserAttribute[]) {
  const textIn = (field: string) => form[field]?.trim() || null;
  const parts = ADDRESS_PARTS.flatMap((part) => (textIn(part) ? [[part, textIn(part)]] : []));
  const valueOf = (name: UserAttribute) => (name === 'address' ? (Object.fromEntries(parts) as Address) : textIn(name));
  // A cast, because an address is in the field of its name alone.
  return Object.fromEntries(inUse.map((name) => [name, valueOf(name)])) as {
    [Name in TextAttribute]?: string | null;
  } & { address?: Address };
}

/** The field of a form that a part of a change comes from: `address/locality` is `locality`. */
export const fieldOfPath = (path: readonly PropertyKey[]): string =>
  String(path[0] === 'address' && path.length > 1 ? path[1] : path[0]);

export const attributeLabels = (fields: readonly string[], t: Words['t']): Record<string, string> =>
  Object.fromEntries(fields.map((field) => [field, t(`person.attributes.${field}`)]));

interface RowsGiven {
  fields: readonly AttributeField[];
  form: Record<string, string | undefined>;
  faultOf(field: string): string | undefined;
  /** Whether users fill in their own data, with which browsers help. */
  isOwn: boolean;
  t: Words['t'];
}

/** What `/partials/attributes` shows. */
export const attributeRows = ({ fields, form, faultOf, isOwn, t }: RowsGiven) =>
  fields.map((name) => ({
    name,
    label: t(`person.attributes.${name}`),
    value: form[name] ?? '',
    fault: faultOf(name),
    hint: t(`person.attributeHints.${name}`, { defaultValue: '' }),
    optional: true,
    autocomplete: isOwn ? FIELDS[name].autocomplete : 'off',
    maxlength: FIELDS[name].maxlength,
    inputmode: FIELDS[name].inputmode,
    hasLines: FIELDS[name].hasLines ?? false,
  }));
