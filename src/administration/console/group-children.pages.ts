import { listGroups } from '../../directory/groups/groups.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given } from './forms.ts';
import type { ConsolePage, ConsoleVisit } from './frame.pages.ts';
import { groupView, paramsOf, readGroup } from './group-frame.pages.ts';
import { listView } from './list.pages.ts';

const PAGE_SIZE = '50';

/** The direct subgroups of a group. */
export const groupChildrenPage: ConsolePage = {
  path: '/console/groups/:group_id/groups',
  scope: 'groups:read',
  show: showChildren,
};

async function showChildren(visit: ConsoleVisit): Promise<PageReply> {
  const group = await readGroup(visit);
  const form = given(visit.request.query, ['cursor']);
  return listView(
    () => childrenOf(visit, { ...form, limit: PAGE_SIZE, count: 'true' }),
    (page) => groupView(visit, group, 'groups', { view: 'children', form, page }),
  );
}

/** The direct subgroups of the group of the page. */
export function childrenOf(visit: ConsoleVisit, query: Record<string, string>) {
  const { group_id: parentId } = paramsOf(visit);
  return visit.call(listGroups, { query: { ...query, parent_id: parentId } });
}
