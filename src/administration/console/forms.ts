import { CohortError } from '../../platform/errors.ts';
import { fieldOfPath } from '../../directory/users/attribute-form.ts';
import { NAME_FAULTS } from '../../platform/names.ts';
import { passwordRules } from '../../authentication/credentials/password.ts';

/** What the API refused, by the names of the form's fields. */
export interface Refusal {
  /** The code of the error; `console.errors.<code>` may have its sentence. */
  code: string;
  detail: string;
  faults: Record<string, string>;
  status: number;
  /** Why a name is refused, by its field: keys of `console.nameFaults`. */
  reasons?: Record<string, string>;
  /** What the sentences beside the fields are about, by the fields. */
  values?: Record<string, Record<string, string>>;
  /** Where a text stops being JSON; line and column count from one. */
  place?: { line: number; column: number };
}

const FORM_KINDS: Partial<Record<CohortError['kind'], number>> = {
  invalid: 400,
  unprocessable: 422,
  conflict: 409,
  precondition: 412,
};

/** What is refused for one field of a form is said beside it; what is refused as a whole has a page of its own. */
const statusOf = ({ kind, faults }: CohortError) =>
  kind === 'forbidden' && faults.length > 0 ? 403 : FORM_KINDS[kind];

/** The refusal that a form can show beside what was typed. @throws whatever else `error` is */
export function refusalOf(error: unknown): Refusal {
  const status = error instanceof CohortError ? statusOf(error) : undefined;
  if (!(error instanceof CohortError) || status === undefined) throw error;
  const faults: Record<string, string> = {};
  const values: Record<string, Record<string, string>> = {};
  for (const { pointer, parameter, detail, values: about } of error.faults) {
    const field = fieldOf(pointer ?? parameter ?? '');
    faults[field] = faults[field] ? `${faults[field]}; ${detail}` : detail;
    if (about) values[field] = about;
  }
  return { code: error.code, detail: error.message, faults, status, reasons: reasonsOf(faults), values };
}

const NAME_FIELDS = ['name', 'first_name', 'last_name'];

function reasonsOf(faults: Record<string, string>): Record<string, string> {
  const reasons = NAME_FIELDS.flatMap((field) => {
    const reason = Object.entries(NAME_FAULTS).find(([, sentence]) => faults[field]?.includes(sentence));
    return reason ? [[field, reason[0]] as const] : [];
  });
  return Object.fromEntries(reasons);
}

/** True for what was to be ended and is gone already. */
export const isMissing = (error: unknown, code: string): boolean => error instanceof CohortError && error.code === code;

/** `#/custom_data/plan` is said beside `custom_data`; each part of an address has a field. */
const fieldOf = (pointer: string) => fieldOfPath(pointer.replace(/^#\//, '').split('/'));

const nothingTicked = (code: string): Refusal => ({ code, detail: '', faults: {}, status: 400 });
export const nobodyTicked = nothingTicked('nobody_ticked');
export const noGroupTicked = nothingTicked('no_group_ticked');

/** The IDs of checked boxes that are named `<kind>:<id>`. */
export function ticked(fields: Record<string, string>, kind: string): string[] {
  const prefix = `${kind}:`;
  return Object.keys(fields).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

/** The same boxes, checked: fields for a form that is sent without being shown. */
export const ticks = (kind: string, ids: string[]): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [`${kind}:${id}`, 'yes']));

/** The ids in a text that has them with spaces between. */
export const idsIn = (text = ''): string[] => text.split(' ').filter(Boolean);

/** Of these parameters, those that say something: for a search that leaves the others out. */
export function given(query: Record<string, string>, names: readonly string[]): Record<string, string> {
  const entries = names.map((name) => [name, query[name]?.trim() ?? ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** The keys of the rules of a temporary password whose sentences the refusal names. */
export const brokenRules = (refusal: Refusal | undefined): string[] =>
  passwordRules
    .filter(({ sentence }) => refusal?.faults['temporary_password']?.includes(sentence))
    .map(({ key }) => key);
