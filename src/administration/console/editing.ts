import { sha256 } from '../../platform/ids.ts';
import { refusalOf, type Refusal } from './forms.ts';
import type { Reply } from '../../platform/http/calls.ts';
import type { ConsoleVisit } from './frame.pages.ts';

/** What a form has of a thing, by the names of its fields. */
export type Form = Record<string, string>;

/** A thing that a form edits, with the calls that read and change it. */
export interface Editable<T, Body> {
  read(): Promise<Reply<{ result: T }>>;
  change(body: Body, ifMatch: string): Promise<unknown>;
  toForm(thing: T): Form | Promise<Form>;
}

/** What the view of an edit shows. */
export interface Editing<T> {
  thing: T;
  form: Form;
  /** Goes along in the hidden field `version`: which state the form was filled from. */
  version: string;
  refusal?: Refusal;
  /** What someone else has changed in the meantime. */
  differences?: Difference[];
}

/** A field that someone else has changed. What was typed is there when that is another value, which is in the form then. */
export interface Difference {
  name: string;
  typed?: string;
  present: string;
}

/** @throws whatever the call that reads answers with */
export async function beginEdit<T>({ read, toForm }: Editable<T, never>): Promise<Editing<T>> {
  const { body, etag } = await read();
  const form = await toForm(body.result);
  return { thing: body.result, form, version: `${marksOf(form)}:${etag}` };
}

/**
 * Makes the change if the state that the form was filled from is still current. Undefined when it is saved; otherwise
 * the form with the entered values. After a conflict, it has what someone else changed in the meantime, except in
 * fields that were changed here too: these keep the entered value, with the current one beside it, and the new version
 * for another try.
 */
export async function saveEdit<T, Body>(
  visit: ConsoleVisit,
  editable: Editable<T, Body>,
  { typed, body }: { typed: Form; body: Body },
  version = visit.request.fields['version'] ?? '',
): Promise<Editing<T> | undefined> {
  const [seen = '', ...rest] = version.split(':');
  try {
    // A form without version matches nothing, so that it is never saved blindly.
    await editable.change(body, rest.join(':') || '"none"');
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    const present = await beginEdit(editable);
    if (refusal.code !== 'precondition_failed') return { ...present, form: typed, version, refusal };
    // Only what the form does not show has changed, such as the last sign-in.
    if (seen === marksOf(present.form)) return saveEdit(visit, editable, { typed, body }, present.version);
    return { ...present, ...merge(readMarks(seen), typed, present.form), refusal };
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
export async function saveUndoably<T, Body>(
  visit: ConsoleVisit,
  editable: Editable<T, Body>,
  wanted: { typed: Form; body: Body },
): Promise<{ left?: Editing<T>; before?: Before }> {
  const [seen] = (visit.request.fields['version'] ?? '').split(':');
  const { form } = await beginEdit(editable);
  const left = await saveEdit(visit, editable, wanted);
  if (left) return { left };
  const now = await beginEdit(editable);
  const isCertain = marksOf(form) === seen && marksOf(now.form) === marksOf(wanted.typed);
  return isCertain ? { before: { form, version: now.version } } : {};
}

const markOf = (value = '') => sha256(value).slice(0, 16);

/** For each field a mark of its value, so that it can be told later which of them was changed, and by whom. */
const marksOf = (form: Form): string =>
  Object.keys(form)
    .sort()
    .map((name) => `${name}=${markOf(form[name])}`)
    .join('&');

const readMarks = (marks: string): Form => Object.fromEntries(new URLSearchParams(marks));

function merge(seen: Form, typed: Form, present: Form): Pick<Editing<unknown>, 'form' | 'differences'> {
  const form = { ...present };
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(present)) {
    const mine = typed[name];
    const isMine = mine !== undefined && mine !== value && markOf(mine) !== seen[name];
    if (isMine) form[name] = mine;
    if (markOf(value) !== seen[name]) differences.push({ name, present: value, ...(isMine ? { typed: mine } : {}) });
  }
  return { form, differences };
}
