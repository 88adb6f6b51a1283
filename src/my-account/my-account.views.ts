import { PERIOD_FIELDS } from '../directory/memberships/typed-period.ts';
import { attributeLabels, attributeRows, type AttributeField } from '../directory/users/attribute-form.ts';
import {
  formFaults,
  fullName,
  languageChoices,
  queryOf,
  zoneChoices,
  type ViewModels,
  type Words,
} from '../platform/view-model.ts';

const TABS = ['overview', 'profile', 'password', 'security', 'sessions', 'applications', 'activity'];

interface Device {
  browser?: string;
  system?: string;
}

interface OwnedGroup extends Words {
  q: string;
  undo: string[];
  unreadable: string[];
  /** When the membership of each begins and ends, in Unix seconds. */
  periods: { from: number | null; until: number | null }[];
  isUpcoming: boolean;
  members: {
    items: { firstName: string; lastName: string }[];
    previous?: string;
    next?: string;
  };
}

interface OwnedMember extends Words {
  member: { firstName: string; lastName: string };
  form: Record<string, string | undefined>;
  zone: string;
}

interface Cursors {
  previous: string | null;
  next: string | null;
}

interface Profile extends Words {
  form: Record<string, string | undefined>;
  zones: string[];
  attributeFields: AttributeField[];
}

export const accountViewModels: ViewModels = {
  // Only owners of groups and users who are asked to approve a sign-in have these tabs, and find them on their overview.
  'partials/account/head': ({ tab }: { tab: string }) => ({
    tabs: tab === 'groups' || tab === 'requests' ? [...TABS, tab] : TABS,
  }),

  'partials/account/pages': ({ cursors, cursorName, t }: Words & { cursors: Cursors; cursorName?: string }) => ({
    ways: [
      ...toWay('previous', { cursor: cursors.previous, cursorName }, t),
      ...toWay('next', { cursor: cursors.next, cursorName }, t),
    ],
  }),

  'account/activity': ({ events, t }: Words & { events: { action: string }[] }) => ({
    rows: events.map((event) => ({
      ...event,
      text: t(`account.activity.actions.${event.action.replaceAll('.', '_')}`, { defaultValue: event.action }),
    })),
  }),

  'account/applications': ({ applications }: { applications: { seen: { values: string[] }[] }[] }) => ({
    rows: applications.map((application) => ({
      ...application,
      seen: application.seen.map((claim) => ({ ...claim, list: listOf(claim.values) })),
    })),
  }),

  'account/group': ({ q, undo, unreadable, members, periods, isUpcoming, faults, t }: OwnedGroup) => {
    const active: Record<string, string> = isUpcoming ? { active: 'false' } : {};
    return {
      undoList: undo.join(','),
      rows: members.items.map((member, index) => ({
        ...member,
        ...periods[index],
        name: fullName({ first_name: member.firstName, last_name: member.lastName }),
      })),
      ways: [
        ...toWay('previous', { q, active, cursor: members.previous }, t),
        ...toWay('next', { q, active, cursor: members.next }, t),
      ],
      usernamesFault:
        faults['usernames'] && t(`account.groups.faults.${faults['usernames']}`, { list: unreadable.join(', ') }),
    };
  },

  'account/group-member': ({ member, form, zone, faults, t }: OwnedMember) => ({
    name: fullName({ first_name: member.firstName, last_name: member.lastName }),
    periodFields: PERIOD_FIELDS.map((name) => ({
      name,
      label: t(`account.groups.period.${name}`),
      value: form[name],
      hint: t(`account.groups.period.${name}Hint`, { zone }),
      fault: faults[name] && t(`account.groups.period.${name}Fault`),
    })),
  }),

  'account/profile': ({ form, zones, attributeFields, languages, ...words }: Profile) => {
    const names = { first_name: '', last_name: '', picture: '', locale: '', zoneinfo: '' };
    const { says } = formFaults({ ...names, ...attributeLabels(attributeFields, words.t) }, words);
    const faultOf = (field: string) => says[field];
    return {
      says,
      attributeRows: attributeRows({ fields: attributeFields, form, faultOf, isOwn: true, t: words.t }),
      localeChoices: languageChoices(languages, form['locale']),
      zoneinfoChoices: zoneChoices(zones),
    };
  },

  'account/sessions': ({ sessions, t }: Words & { sessions: Device[] }) => ({
    rows: sessions.map((session) => ({ ...session, device: deviceName(session, t) })),
  }),

  'account/security': ({ devices, t }: Words & { devices: Device[] }) => ({
    deviceRows: devices.map((device) => ({ ...device, text: deviceName(device, t) })),
  }),

  resume: ({ form }: { form: { fields: object } }) => ({ isKept: Object.keys(form.fields).length > 0 }),
};

/** So many values of one claim are named. */
const MOST_NAMED = 100;

const listOf = (values: string[]): string =>
  `${values.slice(0, MOST_NAMED).join(', ')}${values.length > MOST_NAMED ? ', …' : ''}`;

interface Way {
  cursor: string | null | undefined;
  /** The parameter of the address that the cursor is in. */
  cursorName?: string | undefined;
  q?: string;
  /** Parameters that the other page has too. */
  active?: Record<string, string>;
}

/** A link to another page of a list, if there is one. */
function toWay(name: 'previous' | 'next', { cursor, cursorName = 'cursor', q = '', active = {} }: Way, t: Words['t']) {
  if (!cursor) return [];
  const rel = name === 'next' ? 'next' : 'prev';
  return [{ rel, text: t(`account.pages.${name}`), href: `?${queryOf({ q, ...active, [cursorName]: cursor })}` }];
}

/** A browser and its system, in words. */
export function deviceName({ browser, system }: Device, t: Words['t']): string {
  if (!browser) return t('account.sessions.unknown');
  return t('account.sessions.device', { browser, system: system || t('account.sessions.unknownSystem') });
}
