import { sha256 } from '../base/ids.ts';
import { refusalOf, type Refusal } from './forms.ts';
import type { ConsoleVisit, One } from './frame.pages.ts';

/** What a form has of a thing, by the names of its fields. */
export type Form = Record<string, string>;

/** A thing that a form edits: the calls that read and change it, both at the same address. */
export interface Editable<T> {
  get: string;
  change: string;
  params: Record<string, string>;
  toForm(thing: T): Form | Promise<Form>;
}

/** What the view of an edit shows. */
export interface Editing<T> {
  thing: T;
  form: Form;
  /** Goes along in the hidden field `version`: which state the form was filled from. */
  version: string;
  refusal?: Refusal;
  /** Where what was typed is not what is there now, since somebody else was faster. */
  differences?: { name: string; typed: string; present: string }[];
}

/** @throws whatever the call that reads answers with */
export async function beginEdit<T>({ call }: ConsoleVisit, { get, params, toForm }: Editable<T>): Promise<Editing<T>> {
  const { body, etag } = await call<One<T>>(get, { params });
  const form = await toForm(body.result);
  return { thing: body.result, form, version: `${digestOf(form)}:${etag}` };
}

/**
 * Makes the change, if what the form was filled from is still there. Undefined when it is saved; otherwise the form with
 * what was typed, and after a conflict with what is there now beside it and the version to decide anew.
 */
export async function saveEdit<T>(
  visit: ConsoleVisit,
  editable: Editable<T>,
  { typed, body }: { typed: Form; body: unknown },
  version = visit.request.fields['version'] ?? '',
): Promise<Editing<T> | undefined> {
  const { change, params } = editable;
  const [seen = '', ...rest] = version.split(':');
  try {
    // A form without version matches nothing, so that it is never saved blindly.
    await visit.call(change, { params, body, ifMatch: rest.join(':') || '"none"' });
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    const present = await beginEdit(visit, editable);
    if (refusal.code !== 'precondition_failed') return { ...present, form: typed, version, refusal };
    // Only what the form does not show has changed, such as the last sign-in.
    if (seen === digestOf(present.form)) return saveEdit(visit, editable, { typed, body }, present.version);
    return { ...present, form: typed, refusal, differences: differencesOf(typed, present.form) };
  }
}

/** What a form had before it was saved, and the version to save that again with. */
export interface Before {
  form: Form;
  version: string;
}

/**
 * The same, and what the change can be taken back to. There is none when it is not certain: what was there before must be
 * what the form was filled from, and what is there now what was typed.
 */
export async function saveUndoably<T>(
  visit: ConsoleVisit,
  editable: Editable<T>,
  wanted: { typed: Form; body: unknown },
): Promise<{ left?: Editing<T>; before?: Before }> {
  const [seen] = (visit.request.fields['version'] ?? '').split(':');
  const { form } = await beginEdit(visit, editable);
  const left = await saveEdit(visit, editable, wanted);
  if (left) return { left };
  const now = await beginEdit(visit, editable);
  const isCertain = digestOf(form) === seen && digestOf(now.form) === digestOf(wanted.typed);
  return isCertain ? { before: { form, version: now.version } } : {};
}

const digestOf = (form: Form) => sha256(JSON.stringify(form));

const differencesOf = (typed: Form, present: Form) =>
  Object.keys(present).flatMap((name) =>
    typed[name] === present[name] ? [] : [{ name, typed: typed[name] ?? '', present: present[name] ?? '' }],
  );
