import {
  fullName,
  languageChoices,
  textsOf,
  zoneChoices,
  type ViewModels,
  type Words,
} from '../../platform/view-model.ts';
import { deviceName } from '../../my-account/my-account.views.ts';
import { attributeLabels, attributeRows, type AttributeField } from '../../directory/users/attribute-form.ts';
import type { Refusal } from './forms.ts';
import type { Many } from './frame.pages.ts';
import { factsOf } from './facts.views.ts';
import { faultText } from './partials.views.ts';
import type { ListedUser, User } from './replies.ts';

const SORTS = ['username', 'name', 'created_at', 'last_sign_in_at', 'updated_at'];
const TREE_TEXTS = [
  'tree',
  'toText',
  'toTree',
  'broken',
  'add',
  'remove',
  'name',
  'kind',
  'value',
  'twice',
  'yes',
  'no',
];
const TREE_KINDS = ['string', 'number', 'boolean', 'null', 'array', 'object'];
const SHOWN_SUBJECTS = 3;
const SHOWN_GROUPS = 10;

interface Users extends Words {
  form: Record<string, string>;
  page: Many<ListedUser>;
  columns: string[];
  allColumns: string[];
  changeable: string[];
  deletable: string[];
}

interface Profile extends Words {
  form: Record<string, string>;
  zones: string[];
  attributeFields: AttributeField[];
  hasPhone: boolean;
  refusal?: Refusal | undefined;
}

interface Named {
  name: string;
}

interface Activity extends Words {
  page: Many<{ action: string; target: Named; subjects: Named[] }>;
}

interface Impact {
  count: { value: number };
  examples: Named[];
}

interface CustomData extends Words {
  form: { custom_data: string };
}

interface Security extends Words {
  home: string;
  user: User;
  invitation?: { state: string };
}

/** What a deletion affects, with the names of examples. */
export const impactRows = ({ impact }: { impact: Impact[] }) => ({
  rows: impact.map((each) => ({
    ...each,
    names: each.examples.map(({ name }) => name),
    hasMore: each.count.value > each.examples.length,
  })),
});

const isNewAdministrator = ({ kind }: { kind: string }) => ({ isAdministrator: kind === 'administrator' });

export const userViewModels: ViewModels = {
  'console/users': ({ form, page, columns, allColumns, changeable, deletable, t }: Users) => {
    const labels = textsOf(['username', 'kind', ...SORTS, ...allColumns], 'console.users.columns', t);
    const toSort = (name: string, minus: string) => ({
      value: minus + name,
      text: t(minus ? 'console.descending' : 'console.ascending', { name: labels[name] }),
    });
    const isShown = (name: string) => columns.includes(name);
    return {
      labels,
      sorts: SORTS.flatMap((name) => [toSort(name, ''), toSort(name, '-')]),
      hasFilters: Object.keys(form).some((name) => !['q', 'cursor'].includes(name)),
      columnChoices: allColumns.map((name) => ({ name, isShown: isShown(name) })),
      rows: page.result.map((user) => ({
        ...user,
        name: fullName(user),
        groupNames: (user.groups ?? []).slice(0, SHOWN_GROUPS).map((group) => group.name),
        hasMoreGroups: user.has_more_groups || (user.groups ?? []).length > SHOWN_GROUPS,
        mayEdit: changeable.includes(user.user_id),
        mayDelete: deletable.includes(user.user_id),
      })),
      formWithColumns: { ...form, ...Object.fromEntries(columns.map((name) => [`column:${name}`, 'yes'])) },
    };
  },

  'console/user-activity': ({ page, t }: Activity) => ({
    rows: page.result.map((event) => ({
      ...event,
      text: t(`consoleUser.activity.actions.${event.action.replaceAll('.', '_')}`, { defaultValue: event.action }),
      names: [event.target, ...event.subjects.slice(0, SHOWN_SUBJECTS)].map(({ name }) => name).filter(Boolean),
      hasMore: event.subjects.length > SHOWN_SUBJECTS,
    })),
  }),

  'console/user-applications': ({ applications }: { applications: { scopes: string[] }[] }) => ({
    rows: applications.map((application) => ({ ...application, scopeList: application.scopes.join(', ') })),
  }),

  'console/user-custom-data': ({ form, faults, t }: CustomData) => ({
    texts: JSON.stringify({
      ...textsOf(TREE_TEXTS, 'consoleUser.customData.tree', t),
      kinds: textsOf(TREE_KINDS, 'consoleUser.customData.tree.kinds', t),
    }),
    isInvalid: Boolean(faults['custom_data']),
    lines: Math.min(Math.max(form.custom_data.split('\n').length + 1, 8), 30),
  }),

  'console/user-delete': impactRows,

  'console/user-profile': ({ form, zones, attributeFields, hasPhone, refusal, faults, languages, t }: Profile) => {
    const faultOf = (name: string) => (faults[name] ? faultText(name, { refusal, faults, t }) : undefined);
    const verified = hasPhone ? ['phone_number_verified'] : [];
    const labels: Record<string, string> = {
      first_name: t('person.firstName'),
      last_name: t('person.lastName'),
      picture: t('consoleUser.picture'),
      locale: t('consoleUser.locale'),
      zoneinfo: t('consoleUser.zoneinfo'),
      ...attributeLabels([...attributeFields, ...verified], t),
    };
    const verifiedBox = {
      label: labels['phone_number_verified'],
      name: 'phone_number_verified',
      isChecked: Boolean(form['phone_number_verified']),
      fault: faultOf('phone_number_verified'),
      autofocus: false,
      optional: true,
    };
    return {
      labels,
      facts: factsOf(form, labels, { flags: verified, t }),
      attributeRows: attributeRows({ fields: attributeFields, form, faultOf, isOwn: false, t }).map((row) =>
        row.name === 'phone_number' ? { ...row, box: verifiedBox } : row,
      ),
      localeChoices: languageChoices(languages, form['locale']),
      localeFault: faultOf('locale'),
      zoneinfoChoices: zoneChoices(zones),
      zoneinfoFault: faultOf('zoneinfo'),
    };
  },

  'console/user-roles': ({ roles = [] }: { roles?: { groups: Named[]; group_count: number }[] }) => ({
    rows: roles.map((role) => ({
      ...role,
      groupNames: role.groups.map(({ name }) => name),
      hasMore: role.group_count > role.groups.length,
    })),
  }),

  'console/user-security': ({ home, user, invitation, t }: Security) => {
    const present = user.password_is_temporary ? 'consoleUser.security.temporary' : 'consoleUser.security.own';
    return {
      here: `${home}/security`,
      passwordText: t(user.status === 'invited' ? 'consoleUser.security.noPassword' : present),
      isInvitationOpen: invitation?.state === 'sent' || invitation?.state === 'opened',
    };
  },

  'console/user-sessions': ({ sessions, t }: Words & { sessions: { browser?: string; system?: string }[] }) => ({
    rows: sessions.map((session) => ({ ...session, device: deviceName(session, t) })),
  }),

  'console/user-groups': ({ inherited }: { inherited: { result: { name: string; paths: Named[][] }[] } }) => ({
    inheritedRows: inherited.result.map((group) => ({ ...group, chains: group.paths.map((path) => [...path, group]) })),
  }),

  'console/new-user': isNewAdministrator,
  'console/new-user-second': isNewAdministrator,

  'console/administrators': ({ page, t }: Words & { page: Many<User> }) => ({
    rows: page.result.map((user) => ({
      ...user,
      name: fullName(user),
      roles: user.admin_roles.map((role) => t(`consoleUser.roles.admin.${role}.title`)).join(', '),
    })),
  }),

  'console/administrator': ({ user }: { user: User }) => ({ name: fullName(user) || user.username }),

  'console/administrator-edit': ({ user, t }: Words & { user: User }) => ({
    name: fullName(user) || user.username,
    labels: {
      roles: t('consoleAdministrator.roles'),
      where: t('consoleAdministrator.where'),
      groups: t('consoleAdministrator.groups'),
    },
  }),
};
