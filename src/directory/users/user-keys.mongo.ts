import type { TimeRange } from '../../platform/criteria.ts';
import type { Filter } from '../../platform/db/search.mongo.ts';
import { beginningWith, between, fold, type KeyRange } from '../../platform/sort-keys.ts';
import type { Order } from './user-document.mongo.ts';
import type { UserCriteria, UserSort } from './user-search.ts';

/** Where the sort key is found, and which part of it matches. */
export interface Keyed {
  order: Order;
  range?: KeyRange | undefined;
}

const orderOf: Record<UserSort, Order> = {
  username: 'address',
  name: 'name',
  created_at: 'created',
  updated_at: 'updated',
  last_sign_in_at: 'signedIn',
};

/** Where the words or the order are found: words in three places at once, else one. */
export function keyedBy({ q, firstName, lastName, sort, created, updated, signedIn }: UserCriteria): Keyed[] {
  if (q) {
    const range = beginningWith(fold(q));
    return [
      { order: 'address', range },
      { order: 'name', range },
      { order: 'first', range },
    ];
  }
  if (lastName && firstName) return [{ order: 'name', range: beginningWith(`${fold(lastName)} ${fold(firstName)}\0`) }];
  if (lastName) return [{ order: 'name', range: beginningWith(`${fold(lastName)} `) }];
  if (firstName) return [{ order: 'first', range: beginningWith(`${fold(firstName)} `) }];
  const ranges: Partial<Record<UserSort, TimeRange | undefined>> = {
    created_at: created,
    updated_at: updated,
    last_sign_in_at: signedIn,
  };
  return [{ order: orderOf[sort], range: between(ranges[sort]?.after, ranges[sort]?.before) }];
}

export function timeCondition(time: string, { after, before }: TimeRange): Filter[] {
  // A cast, because the table above has these names only.
  const key = `order.${orderOf[time as UserSort]}`;
  const range = between(after, before);
  return [
    ...(range?.from ? [{ [key]: { $gte: range.from } }] : []),
    ...(range?.below ? [{ [key]: { $lt: range.below } }] : []),
  ];
}
