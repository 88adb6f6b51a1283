import { choicesOf, queryOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { Many } from './frame.pages.ts';

const TILES: Record<string, string> = {
  customers: '/console/users?kind=customer',
  administrators: '/console/users?kind=administrator',
  invited: '/console/users?status=invited',
  groups: '/console/groups',
};

const CHARTS = ['sign_ins', 'failed_sign_ins', 'new_customers'];
const OPEN_JOBS = ['queued', 'running'];
const SHOWN_SUBJECTS = 20;

interface Dashboard extends Words {
  statistics?: {
    warnings: { code: string; count: number }[];
    days: ({ date: string } & Record<string, number | string>)[];
  };
  counts: Record<string, { value: number; relation: string }>;
  groups: { members: { count: number }[] }[];
  can(scope: string): boolean;
}

interface AuditEvent {
  action: string;
  actor: { name: string };
  target: { kind: string; id: string; name: string };
  subjects: { name: string }[];
  details: object;
}

interface Audit extends Words {
  form: Record<string, string>;
  page: Many<AuditEvent>;
  targetKinds: string[];
  isLive: boolean;
  placeOf(target: AuditEvent['target']): string | undefined;
}

interface JobForm extends Words {
  types: string[];
  formats: string[];
}

interface Settings extends Words {
  chapters: { settings: { variable: string; choices?: string[] }[] }[];
  fixed: { variable: string }[];
}

const jobChoices = ({ types, formats, t }: JobForm) => ({
  typeChoices: choicesOf(types, 'console.jobs.types', t),
  formatChoices: choicesOf(formats, 'console.jobs.formats', t),
});

export const operationViewModels: ViewModels = {
  'console/dashboard': ({ statistics, counts, groups, can, t }: Dashboard) => {
    const wayOf = (code: string): string | undefined => {
      if (code === 'one_owner') return can('administrators:write') ? '/console/administrators/new' : undefined;
      if (code === 'webhook_deliveries_failed') return can('webhooks:read') ? '/console/webhooks' : undefined;
      return code === 'failed_jobs' ? '/console/jobs?status=failed' : undefined;
    };
    return {
      warnings: (statistics?.warnings ?? []).map((warning) => ({ ...warning, way: wayOf(warning.code) })),
      tiles: Object.entries(counts).map(([name, { value, relation }]) => ({
        name,
        href: TILES[name],
        number: relation === 'at_least' ? `${value}+` : value,
      })),
      charts: CHARTS.map((id) => ({
        id,
        title: t(`consoleDashboard.charts.${id}`),
        points: (statistics?.days ?? []).map((day) => ({ date: day.date, value: day[id] })),
      })),
      rows: groups.map((group) => {
        const now = group.members.at(-1)?.count ?? 0;
        const change = now - (group.members[0]?.count ?? 0);
        return { ...group, now, change: change > 0 ? `+${change}` : change };
      }),
    };
  },

  'console/audit': ({ form, page, targetKinds, isLive, placeOf, t }: Audit) => {
    const { cursor: _cursor, ...filters } = form;
    const query = queryOf(filters);
    return {
      exportAddress: `/console/audit/export?${query}`,
      liveAddress: `?${isLive ? query : `live=yes&${query}`}`,
      hasFilters: Object.keys(filters).some((name) => name !== 'target_name'),
      kindChoices: [{ value: '', text: t('console.any') }, ...choicesOf(targetKinds, 'console.audit.kinds', t)],
      sortChoices: [
        { value: '-at', text: t('console.audit.sorts.newest') },
        { value: 'at', text: t('console.audit.sorts.oldest') },
      ],
      rows: page.result.map((event) => ({
        ...event,
        place: placeOf(event.target),
        actorAddress: `?${queryOf({ actor_name: event.actor.name })}`,
        names: event.subjects.slice(0, SHOWN_SUBJECTS).map(({ name }) => name),
        hasMore: event.subjects.length > SHOWN_SUBJECTS,
        details: Object.keys(event.details).length > 0 ? JSON.stringify(event.details, null, 2) : '',
      })),
    };
  },

  'console/jobs': ({ page, statuses, t }: Words & { page: Many<{ status: string }>; statuses: string[] }) => ({
    isOpen: page.result.some(({ status }) => OPEN_JOBS.includes(status)),
    statusChoices: [{ value: '', text: t('console.any') }, ...choicesOf(statuses, 'console.jobs.statuses', t)],
  }),

  'console/job': (given: {
    job: { kind: string; failures: number };
    isOver: boolean;
    can(scope: string): boolean;
  }) => ({
    isImportToMend: given.job.kind === 'import' && given.isOver && given.job.failures > 0 && given.can('jobs:write'),
  }),

  'console/job-export': jobChoices,

  'console/job-import': (
    given: JobForm & { columns: Record<string, string[]>; needed: Record<string, readonly string[]> },
  ) => ({
    ...jobChoices(given),
    columnRows: given.types.map((type) => ({
      type,
      columns: given.columns[type]!.map((name) => ({ name, isNeeded: given.needed[type]!.includes(name) })),
    })),
    membershipChoices: choicesOf(['add', 'replace'], 'console.jobs.membershipsChoices', given.t),
  }),

  'console/settings-keys': ({ algorithms, t }: Words & { algorithms: string[] }) => ({
    choices: [
      { value: '', text: t('consoleSettings.keys.all') },
      ...algorithms.map((algorithm) => ({ value: algorithm, text: algorithm })),
    ],
  }),

  'console/settings-edit': ({ chapters, fixed, t }: Settings) => {
    const settings = chapters.flatMap((chapter) => chapter.settings);
    const label = (variable: string) => t(`consoleSettings.fields.${variable}`, { defaultValue: variable });
    return {
      labels: Object.fromEntries([...settings, ...fixed].map(({ variable }) => [variable, label(variable)])),
      choices: Object.fromEntries(
        settings.map(({ variable, choices }) => [
          variable,
          choices && choicesOf(choices, 'consoleSettings.choices', t),
        ]),
      ),
    };
  },
};
