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
  members: {
    items: { firstName: string; lastName: string }[];
    previous?: string;
    next?: string;
  };
}

interface Profile extends Words {
  form: { locale?: string };
  zones: string[];
}

export const accountViewModels: ViewModels = {
  // Only owners of groups have that tab, and find it on their overview.
  'partials/account/head': ({ tab }: { tab: string }) => ({ tabs: tab === 'groups' ? [...TABS, tab] : TABS }),

  'account/activity': ({ events, t }: Words & { events: { action: string }[] }) => ({
    rows: events.map((event) => ({
      ...event,
      text: t(`account.activity.actions.${event.action.replaceAll('.', '_')}`, { defaultValue: event.action }),
    })),
  }),

  'account/applications': ({ applications }: { applications: { seen: { values: string[] }[] }[] }) => ({
    rows: applications.map((application) => ({
      ...application,
      seen: application.seen.map((claim) => ({ ...claim, list: claim.values.join(', ') })),
    })),
  }),

  'account/group': ({ q, undo, unreadable, members, faults, t }: OwnedGroup) => {
    const toWay = (name: string, rel: string, cursor: string | undefined) =>
      cursor ? [{ rel, text: t(`account.groups.${name}`), href: `?${queryOf({ q, cursor })}` }] : [];
    return {
      undoList: undo.join(','),
      rows: members.items.map((member) => ({
        ...member,
        name: fullName({ first_name: member.firstName, last_name: member.lastName }),
      })),
      ways: [...toWay('previous', 'prev', members.previous), ...toWay('next', 'next', members.next)],
      usernamesFault:
        faults['usernames'] && t(`account.groups.faults.${faults['usernames']}`, { list: unreadable.join(', ') }),
    };
  },

  'account/profile': ({ form, zones, languages, ...words }: Profile) => {
    const names = { first_name: '', last_name: '', picture: '', locale: '', zoneinfo: '' };
    return {
      says: formFaults(names, words).says,
      localeChoices: languageChoices(languages, form.locale),
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

/** A browser and its system, in words. */
export function deviceName({ browser, system }: Device, t: Words['t']): string {
  if (!browser) return t('account.sessions.unknown');
  return t('account.sessions.device', { browser, system: system || t('account.sessions.unknownSystem') });
}
