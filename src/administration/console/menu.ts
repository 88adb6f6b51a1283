/** The parts of the console, in the order of its menu; `console.<name>` has their texts. */
const SECTIONS = [
  { name: 'dashboard', href: '/console', chapter: 'start', scope: 'users:read' },
  { name: 'users', href: '/console/users', chapter: 'manage', scope: 'users:read' },
  { name: 'groups', href: '/console/groups', chapter: 'manage', scope: 'groups:read' },
  { name: 'roles', href: '/console/roles', chapter: 'manage', scope: 'roles:read' },
  { name: 'applications', href: '/console/applications', chapter: 'connect', scope: 'applications:read' },
  { name: 'webhooks', href: '/console/webhooks', chapter: 'connect', scope: 'webhooks:read' },
  { name: 'administrators', href: '/console/administrators', chapter: 'operate', scope: 'administrators:read' },
  { name: 'audit', href: '/console/audit', chapter: 'operate', scope: 'audit:read' },
  { name: 'settings', href: '/console/settings', chapter: 'operate', scope: 'settings:read' },
  { name: 'jobs', href: '/console/jobs', chapter: 'operate', scope: 'jobs:read' },
] as const;

export type Section = (typeof SECTIONS)[number]['name'];

/** The part of the console that an address belongs to. */
export function sectionAt(path: string): { name: Section; href: string } {
  const [, place = ''] = /^(\/console\/[a-z]+)/.exec(path) ?? [];
  return SECTIONS.find(({ href }) => href === place) ?? SECTIONS[0];
}

export interface MenuChapter {
  name: string;
  entries: { name: Section; href: string }[];
}

/** The menu for an administrator with these scopes, by chapter. */
export function menuFor(can: (scope: string) => boolean): MenuChapter[] {
  const chapters = [...new Set(SECTIONS.map(({ chapter }) => chapter))];
  return chapters
    .map((name) => ({ name, entries: SECTIONS.filter(({ chapter, scope }) => chapter === name && can(scope)) }))
    .filter(({ entries }) => entries.length > 0);
}
