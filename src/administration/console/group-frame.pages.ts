import { getGroup } from '../../directory/groups/groups.api.ts';
import type { ViewReply } from '../../platform/http/form-page.ts';
import { consoleView, type ConsoleVisit } from './frame.pages.ts';
import type { Group } from './replies.ts';

/** The parts of a group's page, each at an address of its own. */
const TABS = [
  { name: 'settings', scope: 'groups:read' },
  { name: 'members', scope: 'groups:read' },
  { name: 'groups', scope: 'groups:read' },
  { name: 'owners', scope: 'groups:read' },
  { name: 'applications', scope: 'groups:read' },
  { name: 'former-names', scope: 'groups:read' },
] as const;

export type GroupTab = (typeof TABS)[number]['name'];

/** The address of a part of a group's page; the settings' is that of the page itself. */
export const groupPlace = (groupId: string, part: string = 'settings') =>
  `/console/groups/${groupId}${part === 'settings' ? '' : `/${part}`}`;

export const paramsOf = ({ request }: ConsoleVisit) => ({ group_id: request.params['group_id'] ?? '' });

/** Whose page it is. @throws GroupNotFound */
export async function readGroup(visit: ConsoleVisit): Promise<Group> {
  const { body } = await visit.call(getGroup, { params: paramsOf(visit) });
  return body.result;
}

/** The view `group-<tab>`, under the group's name and the tabs. */
export function groupView(
  visit: ConsoleVisit,
  group: Group,
  tab: GroupTab,
  { view = tab, ...model }: Record<string, unknown> & { view?: string } = {},
): ViewReply {
  const tabs = TABS.map(({ name }) => ({ name, href: groupPlace(group.group_id, name) }));
  const common = { group, tab, tabs, home: groupPlace(group.group_id), mayEdit: visit.can('groups:write') };
  return consoleView(visit, 'groups', `group-${view}`, { ...common, ...model });
}
