import type { Context } from 'koa';
import { isPlainObject } from '../../platform/plain-object.ts';

/** A shorter list is written as fast as it is found. */
const LONG = 256;

type List = readonly unknown[];
type Member<T> = [name: string, value: T];

/** What was last written with a list. */
interface Written {
  /** The list alone. */
  text: Buffer;
  /** The whole answer, and the text of its members that are no long lists. */
  body: Buffer;
  others: string;
  lists: Member<List>[];
}

const written = new WeakMap<List, Written>();

/**
 * Writes the JSON of an answer in which remembered claims have long lists. What is remembered is frozen
 * (`remembered-claims.ts`), so each list is written once, and the answer as long as the rest of it is the same: for users in
 * thousands of groups, that costs more than all else.
 */
export function writeLongLists(ctx: Pick<Context, 'body'>): void {
  const { body } = ctx;
  const members = isPlainObject(body) ? Object.entries(body) : [];
  const lists = members.filter(isLongList);
  if (lists.length === 0) return;
  const others = JSON.stringify(Object.fromEntries(members.filter((member) => !isLongList(member))));
  // The comma before a list needs something in front of it; any answer names its subject.
  if (others !== '{}') ctx.body = bodyOf(others, lists);
}

const isLongList = (member: Member<unknown>): member is Member<List> => {
  const [, value] = member;
  return Array.isArray(value) && value.length >= LONG && Object.isFrozen(value);
};

function bodyOf(others: string, lists: Member<List>[]): Buffer {
  const last = written.get(lists[0]![1]);
  if (last?.others === others && isSame(last.lists, lists)) return last.body;
  const texts = lists.map(([, list]) => written.get(list)?.text ?? Buffer.from(JSON.stringify(list)));
  const parts = lists.flatMap(([name], index) => [Buffer.from(`,${JSON.stringify(name)}:`), texts[index]!]);
  const body = Buffer.concat([Buffer.from(others.slice(0, -1)), ...parts, Buffer.from('}')]);
  lists.forEach(([, list], index) => written.set(list, { text: texts[index]!, body, others, lists }));
  return body;
}

const isSame = (some: Member<List>[], others: Member<List>[]): boolean =>
  some.length === others.length && some.every(([name, list], at) => name === others[at]![0] && list === others[at]![1]);
