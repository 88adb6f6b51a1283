import { factsOf } from './facts.views.ts';
import { fullName, queryOf, textsOf, wordsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { Refusal } from './forms.ts';
import { PERIOD } from './period-form.ts';
import type { Many } from './frame.pages.ts';
import type { ListedGroup, User } from './replies.ts';
import { impactRows } from './users.views.ts';

const FIELDS = ['name', 'description', 'parent', 'requires_second_factor', 'end_notice_days', 'custom_data'];
const SHOWN_FAULTS = 10;

type Form = Record<string, string | undefined>;

interface Period {
  form: Form;
  zone: string;
  refusal?: Refusal | undefined;
}

/** The fields for the period of a membership, with their faults. */
function periodFields({ form, zone, refusal, t }: Words & Period) {
  const fields = PERIOD.map((name) => ({
    name,
    label: t(`consoleGroup.membership.${name}`),
    value: form[name],
    hint: t(`consoleGroup.membership.${name}Hint`, { zone }),
    fault: refusal?.faults[name] === undefined ? undefined : t(`consoleGroup.membership.${name}Fault`),
  }));
  return { periodFields: fields };
}

interface FormerName {
  name: string;
  renamed_at: number;
  applications: object[];
  application_count: number;
}

interface Groups extends Words {
  page: Many<ListedGroup>;
  parents: Record<string, string>;
  kept: string[];
}

export const groupViewModels: ViewModels = {
  'console/groups': ({ page, parents, kept, t }: Groups) => {
    const sizeOf = ({ member_count: count }: ListedGroup) => {
      if (!count) return '–';
      return count.relation === 'exact' ? count.value : t(`console.count.${count.relation}`, { count: count.value });
    };
    return {
      rows: page.result.map((group) => ({
        ...group,
        parent: parents[group.parent_id ?? ''],
        size: sizeOf(group),
        mayDelete: !kept.includes(group.group_id),
      })),
    };
  },

  'console/group-delete': ({ impact = [] }: { impact?: Parameters<typeof impactRows>[0]['impact'] }) =>
    impactRows({ impact }),

  'console/group-former-names': ({ page, when, t }: Words & { page: Many<FormerName> }) => ({
    rows: page.result.map((former, index) => {
      const { name, renamed_at: renamedAt, applications, application_count: count } = former;
      const more = count - applications.length;
      return {
        ...former,
        index,
        since: t('consoleGroup.formerNames.since', { time: when(renamedAt) }),
        more: more > 0 ? t('consoleGroup.formerNames.more', { more }) : '',
        removeLabel: t('consoleGroup.formerNames.removeOf', { name }),
      };
    }),
  }),

  'console/group-import': ({ faulty }: { faulty: string[] }) => ({
    shownFaults: faulty.slice(0, SHOWN_FAULTS).join(' · '),
  }),

  'console/group-members': ({ form, page }: { form: Form; page: Many<User> }) => ({
    editAddress: `?${queryOf({ ...form, edit: 'yes' })}`,
    isUpcoming: form['active'] === 'false',
    rows: page.result.map((user) => ({ ...user, name: fullName(user) })),
  }),

  'console/group-assign': (given: Words & Period) => periodFields(given),

  'console/group-membership': (given: Words & Period & { member: User }) => ({
    ...periodFields(given),
    name: fullName(given.member),
  }),

  'console/group-settings': ({ form, t }: Words & { form: Form }) => {
    const labels = textsOf(FIELDS, 'consoleGroup.fields', t);
    return {
      labels,
      conflictLabels: { ...labels, roles: t('consoleGroup.fields.roles') },
      roleIds: wordsOf(form['roles']),
      facts: factsOf(form, labels, { flags: ['requires_second_factor'], t }),
    };
  },

  'console/role-delete': impactRows,

  'console/role-settings': ({ form, t }: Words & { form: Form }) => {
    const labels = textsOf(Object.keys(form), 'consoleRole.fields', t);
    return { labels, facts: factsOf(form, labels, { flags: ['requires_second_factor'], t }) };
  },
};
