import { URI_FIELDS, URI_LIST_FIELDS } from '../../directory/applications/application.ts';
import { fullName, queryOf, textsOf, wordsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import { barChart, type Point } from './bar-chart.ts';
import type { Refusal } from './forms.ts';
import type { Picker } from './picker.ts';
import type { User } from './replies.ts';
import type { Sparkline } from './sparkline.ts';

interface Refused extends Words {
  refusal?: Refusal | undefined;
}

interface Administration extends Refused {
  adminRoles: string[];
  limitableRoles: string[];
  chosen: string[];
  where: string;
}

interface ApplicationFields extends Words {
  type: string;
  form: Record<string, string | undefined>;
  scopes?: string[];
}

interface JobProgress extends Words {
  job: { status: string; total: number | null; done: number; failures: number };
}

/** What the console's partials show besides what they are given. */
export const consolePartialModels: ViewModels = {
  'partials/console/administration': (given: Administration) => {
    const { adminRoles, limitableRoles, chosen, where, refusal, faults, t } = given;
    const isScopeRefused = faults['admin_scope'] !== undefined;
    const unlimited = refusal?.code === 'role_cannot_be_limited';
    const limitable = limitableRoles.map((role) => t(`consoleUser.roles.admin.${role}.title`)).join(', ');
    return {
      roleFault: refusal?.code === 'last_administrator' ? t('consoleAdministrator.lastOwner') : '',
      scopeFault: isScopeRefused
        ? t(unlimited ? 'consoleAdministrator.notLimitable' : 'consoleAdministrator.noGroup')
        : '',
      roleChoices: adminRoles.map((role) => ({ role, isChosen: chosen.includes(role) })),
      scopeChoices: ['everywhere', 'groups'].map((value) => ({
        value,
        isChosen: where === value,
        title: t(`consoleAdministrator.scope.${value}.title`),
        text: t(`consoleAdministrator.scope.${value}.text`, { roles: limitable }),
      })),
    };
  },

  'partials/console/addresses': ({ name, faulty }: { name: string; faulty: Record<string, unknown[]> }) => ({
    found: faulty[name] ?? [],
  }),

  'partials/console/application-fields': ({ type, form, scopes = [], t }: ApplicationFields) => {
    const chosen = wordsOf(form['scopes']);
    const flags = ['skip_consent', ...(type === 'web' ? ['require_pkce'] : []), 'requires_second_factor'];
    const addresses = [...URI_LIST_FIELDS, ...URI_FIELDS];
    return {
      flags,
      uriFields: [...URI_FIELDS],
      labels: textsOf(['name', 'description', 'scopes', ...addresses, ...flags], 'consoleApplication.fields', t),
      scopeChoices: scopes.map((scope) => ({ scope, isChosen: chosen.includes(scope) })),
    };
  },

  'partials/console/bars': ({ points, direction, language, t }: Words & { points: Point[] }) => {
    const { most, ...chart } = barChart(points, { isRightToLeft: direction === 'rtl' });
    const isEmpty = points.every(({ value }) => value === 0);
    const bars = chart.bars.map((bar) => ({ ...bar, day: dayOf(bar.date, language) }));
    return {
      ...chart,
      bars,
      range: isEmpty ? t('consoleDashboard.none') : t('consoleDashboard.most', { count: most }),
      firstDay: bars[0]?.day,
      lastDay: bars.at(-1)?.day,
    };
  },

  'partials/console/conflict': ({
    labels,
    differences,
  }: {
    labels: Record<string, string>;
    differences?: { name: string }[];
  }) => ({
    rows: (differences ?? []).map((difference) => ({
      ...difference,
      label: labels[difference.name] ?? difference.name,
    })),
  }),

  'partials/console/field': ({
    name,
    refusal,
    faults,
    autofocus,
    ...given
  }: Refused & { name: string; autofocus?: boolean }) => {
    const isRefused = Object.keys(faults).length > 0;
    return {
      saidFault: faults[name] && faultText(name, { refusal, faults, t: given.t }),
      hasFocus: isRefused ? name in faults : autofocus,
    };
  },

  'partials/console/head': ({
    refusal,
    faults,
    sheets = [],
    scripts = [],
    t,
  }: Refused & { sheets?: string[]; scripts?: string[] }) => {
    const links = Object.keys(faults).map((name) => ({
      href: `#${name}`,
      text: faultText(name, { refusal, faults: {}, t }),
    }));
    const named = links.filter(({ text }) => text);
    return {
      allSheets: ['console.css', ...sheets],
      allScripts: ['console.js', ...scripts],
      links: named.length > 0 ? named : undefined,
    };
  },

  'partials/console/job-status': ({ job }: JobProgress) => {
    const tones: Record<string, string> = { succeeded: 'good', failed: 'bad' };
    return { tone: tones[job.status] ?? 'warm' };
  },

  'partials/console/pages': ({
    form,
    page,
    cursorName = 'cursor',
  }: {
    form: Record<string, string>;
    page: { next?: string; previous?: string };
    cursorName?: string;
  }) => ({
    next: page.next && `?${queryOf({ ...form, [cursorName]: page.next })}`,
    previous: page.previous && `?${queryOf({ ...form, [cursorName]: page.previous })}`,
  }),

  'partials/console/picker': ({ picker }: { picker: Picker }) => ({
    choices: [...picker.chosen.map((choice) => ({ ...choice, isChosen: true })), ...picker.found],
  }),

  'partials/console/progress': ({ job, t }: JobProgress) => {
    const isOpen = ['queued', 'running'].includes(job.status);
    const counted = t(isOpen ? 'console.jobs.soFar' : 'console.jobs.inAll', { count: job.done });
    const text = job.total === null ? counted : t('console.jobs.ofTotal', { done: job.done, total: job.total });
    return { isOpen, text };
  },

  'partials/console/sparkline': ({ line, language, t }: Words & { line: Sparkline }) => {
    const { least, most } = line;
    const ends = { from: dayOf(line.from, language), until: dayOf(line.until, language) };
    return {
      label: t('consoleDashboard.line', { least, most, ...ends }),
      range: least === most ? String(least) : `${least}–${most}`,
    };
  },

  'partials/console/user': ({ user }: { user: User }) => {
    const name = fullName(user);
    return { name, shownName: name || user.username };
  },
};

/** What is said beside a field that was refused. */
export function faultText(name: string, { refusal, faults, t }: Pick<Refused, 'refusal' | 'faults' | 't'>): string {
  const reason = refusal?.reasons?.[name];
  if (reason) return t(`console.nameFaults.${reason}`);
  const values = refusal?.values?.[name] ?? {};
  // `name_path_suggestion` is the text that needs both of these values.
  const key = [`console.faults.${refusal?.code}.${name}`, ...Object.keys(values)].join('_');
  return t(key, { ...values, defaultValue: faults[name] ?? '' });
}

/** A day of a chart, which is one in UTC. */
function dayOf(date: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(date));
}
