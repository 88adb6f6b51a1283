import type { Reply } from '../../platform/http/calls.ts';
import { CohortError } from '../../platform/errors.ts';
import type { ConsoleVisit, Many } from './frame.pages.ts';
import type { Difference } from './editing.ts';
import { idsIn, ticked } from './forms.ts';

/** Something to choose: a group, a user or a role. */
export interface Choice {
  id: string;
  name: string;
  note?: string;
}

/** What is chosen and what there is to choose from, as `partials/console/picker` shows it. */
export interface Picker {
  kind: string;
  q: string;
  chosen: Choice[];
  found: Choice[];
  hasMore: boolean;
}

export interface PickerOptions<T> {
  kind: string;
  search(visit: ConsoleVisit, query: Record<string, string>): Promise<Reply<Pick<Many<T>, 'result' | 'next'>>>;
  read(visit: ConsoleVisit, id: string): Promise<Reply<{ result: T }>>;
  toChoice(thing: T): Choice;
  query?: Record<string, string>;
}

const FOUND = 20;

/**
 * Several things found by a search and ticked, without script too: the form comes back with what is ticked and with what
 * was found now. What is in `except` is not offered.
 */
export async function picker<T>(
  visit: ConsoleVisit,
  fields: Record<string, string>,
  { kind, search, read, toChoice, query = {} }: PickerOptions<T>,
  except: string[] = [],
): Promise<Picker> {
  const ids = ticked(fields, kind);
  const q = fields[`${kind}_q`]?.trim() ?? '';
  const chosen = (await Promise.all(ids.map((id) => unlessGone(read(visit, id))))).flatMap((reply) =>
    reply ? [toChoice(reply.body.result)] : [],
  );
  const { body } = await search(visit, { ...query, limit: String(FOUND), ...(q ? { q } : {}) });
  const found = body.result.map(toChoice).filter(({ id }) => !ids.includes(id) && !except.includes(id));
  return { kind, q, chosen, found, hasMore: body.next !== null };
}

/** The fields of differences that have ids, with the names of these things. */
export async function withNames<T>(
  visit: ConsoleVisit,
  differences: Difference[] | undefined,
  field: string,
  { read, toChoice }: PickerOptions<T>,
): Promise<Difference[] | undefined> {
  const nameOf = async (id: string) => {
    const reply = await unlessGone(read(visit, id));
    return reply ? toChoice(reply.body.result).name : id;
  };
  const namesOf = async (ids: string) => (await Promise.all(idsIn(ids).map(nameOf))).sort().join(', ');
  const named = (differences ?? []).map(async (difference) => {
    if (difference.name !== field) return difference;
    const { typed, present } = difference;
    const mine = typed === undefined ? {} : { typed: await namesOf(typed) };
    return { ...difference, ...mine, present: await namesOf(present) };
  });
  return differences && Promise.all(named);
}

/** A selected item may be deleted by someone else before the form comes back; then it is not offered any more. */
export async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CohortError && error.kind === 'missing') return undefined;
    throw error;
  }
}
