import { toPageRequest } from '../platform/paging.ts';
import type { PageReply } from '../platform/http/form-page.ts';
import type { AddOutcome } from '../directory/memberships/membership.ts';
import type { Memberships } from '../directory/memberships/memberships.ts';
import { presentPeriod } from '../directory/memberships/period.ts';
import { everybody } from '../directory/users/user-search.ts';
import { usernameShape } from '../directory/users/user.ts';
import type { AccountPage, Visit } from './visit.pages.ts';

const PAGE_SIZE = 50;
const MOST_ADDRESSES = 200;

export interface OwnedGroupsPagesOptions {
  memberships: Pick<Memberships, 'ownedBy' | 'membersAsOwner' | 'addAsOwner' | 'removeAsOwner' | 'membershipIn'>;
}

/** Where owners of groups see and change who is in them, and nothing else. */
export function ownedGroupsPages({ memberships }: OwnedGroupsPagesOptions): AccountPage[] {
  const page = ({ user, request }: Visit, view: string, model: Record<string, unknown>) => ({
    view: `account/${view}`,
    model: { tab: 'groups', username: user.username, done: request.query['done'], faults: {}, ...model },
    reader: { locale: user.locale, timeZone: user.zoneinfo },
  });
  const idOf = ({ request }: Visit) => request.params['id'] ?? '';

  async function list(visit: Visit): Promise<PageReply> {
    const { cursor } = visit.request.query;
    const request = toPageRequest('owned-groups', { limit: PAGE_SIZE, cursor });
    const { items, ...cursors } = await memberships.ownedBy(visit.user, request);
    return page(visit, 'groups', { groups: items, cursors });
  }

  async function show(visit: Visit, said: Record<string, unknown> = {}): Promise<PageReply> {
    const { query } = visit.request;
    const q = query['q']?.trim() ?? '';
    const isUpcoming = query['active'] === 'false';
    const criteria = { ...everybody, isUpcoming, ...(q ? { q } : {}) };
    const { cursor } = query;
    const request = toPageRequest(`owned:${isUpcoming ? 'upcoming:' : ''}${q ? 'q' : ''}`, {
      limit: PAGE_SIZE,
      ...(cursor ? { cursor } : {}),
    });
    const { group, members } = await memberships.membersAsOwner(visit.user.id, idOf(visit), criteria, request);
    const undo = (query['undo'] ?? '').split(',').filter(Boolean);
    const periods = members.items.map((member) => presentPeriod(memberships.membershipIn(member, group.id) ?? {}));
    return page(visit, 'group', { group, members, periods, isUpcoming, q, form: { usernames: '' }, undo, ...said });
  }

  async function change(visit: Visit): Promise<PageReply> {
    const { fields } = visit.request;
    if (fields['action'] === 'remove') return remove(visit);
    return fields['action'] === 'undo' ? undo(visit) : add(visit);
  }

  async function add(visit: Visit): Promise<PageReply> {
    const { usernames: typed = '' } = visit.request.fields;
    const { known: usernames, unreadable } = addressesIn(typed);
    const isTooMuch = usernames.length > MOST_ADDRESSES;
    if (unreadable.length > 0 || usernames.length === 0 || isTooMuch)
      return refuse(visit, { usernames: isTooMuch ? 'many' : 'invalid', unreadable, typed });
    const items = await memberships.addAsOwner(visit.actor, idOf(visit), { usernames });
    const left = usernames.filter((_, index) => LEFT_OUT.includes(items[index]!.outcome));
    if (left.length === 0) return done(visit, 'added');
    return refuse(visit, { usernames: 'unknown', unreadable: left, typed: left.join('\n') });
  }

  async function refuse(visit: Visit, refusal: { usernames: string; unreadable: string[]; typed: string }) {
    const { usernames, unreadable, typed } = refusal;
    const shown = await show(visit, { faults: { usernames }, unreadable, form: { usernames: typed } });
    return { ...shown, status: 400 };
  }

  async function remove(visit: Visit): Promise<PageReply> {
    const userIds = Object.keys(visit.request.fields).flatMap(
      (name) => /^member:([0-9a-f]{16})$/.exec(name)?.[1] ?? [],
    );
    if (userIds.length === 0) return done(visit, 'nobody');
    await memberships.removeAsOwner(visit.actor, idOf(visit), { userIds });
    return done(visit, 'members_removed', userIds);
  }

  async function undo(visit: Visit): Promise<PageReply> {
    const userIds = (visit.request.fields['members'] ?? '').split(',').filter((id) => /^[0-9a-f]{16}$/.test(id));
    if (userIds.length > 0) await memberships.addAsOwner(visit.actor, idOf(visit), { userIds });
    return done(visit, 'added');
  }

  const done = (visit: Visit, what: string, undoable: string[] = []): PageReply => ({
    redirect: `/account/groups/${idOf(visit)}?done=${what}${undoable.length > 0 ? `&undo=${undoable.join(',')}` : ''}`,
  });

  return [
    { path: '/account/groups', show: list },
    { path: '/account/groups/:id', show: (visit) => show(visit), submit: change },
  ];
}

const LEFT_OUT: AddOutcome[] = ['no_such_user', 'not_a_customer'];

/** Addresses with lines, commas or spaces between them. */
function addressesIn(text: string): { known: string[]; unreadable: string[] } {
  const parsed = text.split(/[\s,;]+/).filter(Boolean);
  const known = new Set<string>();
  const unreadable = parsed.filter((one) => {
    const address = usernameShape.safeParse(one).data;
    if (address) known.add(address);
    return !address;
  });
  return { known: [...known], unreadable };
}
