import { getGroup, listGroups } from '../../directory/groups/groups.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given } from './forms.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { unlessGone } from './picker.ts';
import type { Group } from './replies.ts';

const FILTERS = ['q', 'role_id', 'parent_id', 'sort', 'cursor'] as const;
const PAGE_SIZE = '25';

/** Every group, with how many are directly in it. */
export const groupsPage: ConsolePage = { path: '/console/groups', scope: 'groups:read', show: showGroups };

async function showGroups(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, FILTERS);
  const isFiltered = Object.keys(form).some((name) => name !== 'cursor' && name !== 'sort');
  const query = { ...form, limit: PAGE_SIZE, count: 'true', member_counts: 'true' };
  return listView(
    () => visit.call(listGroups, { query }),
    async (page) => {
      const kept = visit.actor.adminScope ?? [];
      const parents = await parentNames(visit, page.result);
      return consoleView(visit, 'groups', 'groups', { form, isFiltered, page, parents, kept });
    },
  );
}

/** The names of the parents of these groups, by ID; a parent outside of the admin scope is left out. */
async function parentNames({ call }: ConsoleVisit, groups: Group[]): Promise<Record<string, string>> {
  const ids = [...new Set(groups.flatMap(({ parent_id: id }) => id ?? []))];
  const named = ids.map(async (id) => {
    const parent = await unlessGone(call(getGroup, { params: { group_id: id } }));
    return parent ? [[id, parent.body.result.name] as const] : [];
  });
  return Object.fromEntries((await Promise.all(named)).flat());
}
