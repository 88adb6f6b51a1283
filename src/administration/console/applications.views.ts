import type { z } from 'zod';
import { choicesOf, textsOf, wordsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { listSecurityEvents, listStreams } from '../../oidc/shared-signals/shared-signals.api.ts';
import type { Refusal } from './forms.ts';
import { factsOf } from './facts.views.ts';
import { faultText } from './partials.views.ts';
import { impactRows } from './users.views.ts';

const FLAGS = ['skip_consent', 'require_pkce', 'requires_second_factor'];

type Form = Record<string, string | undefined>;

interface Claims extends Words {
  form: Form;
  /** The tokens that the claim may be in. */
  uses: string[];
  idTokenScopes: string[];
  renamedGroups: string[];
  /** Of the administrator. */
  zone: string;
}

interface Protocol extends Words {
  form: Form;
  refusal?: Refusal;
  sections: { name: string; fields: string[] }[];
  /** Values of the fields with one of several. */
  choices: Record<string, readonly string[]>;
  flags: readonly string[];
  responseTypes: readonly string[];
}

interface Named {
  name: string;
}

interface UserWithAccess {
  user_id: string;
  username: string;
  access: { has_access: boolean; reason: string };
}

interface Access extends Words {
  rule: { access: string };
  form: Form;
  users?: { result: UserWithAccess[] } | undefined;
  asked?: { reason: string; groups?: Named[] } | undefined;
  losing?: { count: { value: number }; examples: Named[] } | undefined;
}

interface Signals extends Words {
  settings: { on_access_lost?: string | undefined };
  endings: readonly string[];
  streams: z.output<typeof listStreams.reply>['result'];
  events: z.output<typeof listSecurityEvents.reply>;
}

const namesOf = (groups: Named[] = []) => groups.map(({ name }) => name).join(', ');

export const applicationViewModels: ViewModels = {
  'console/application-protocol': ({ form, sections, choices, flags, responseTypes, faults, refusal, t }: Protocol) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.protocol.fields', t);
    const chosen = (form['response_types'] ?? '').split('\n');
    const choicesFor = (name: string) => {
      const values = (choices[name] ?? []).map((value) => ({
        value,
        text: t(`consoleApplication.protocol.values.${value}`, { defaultValue: value }),
      }));
      const isOpen =
        form[name] === '' ||
        ['security_profile', 'userinfo_signed_response_alg', 'backchannel_token_delivery_mode'].includes(name);
      return isOpen ? [{ value: '', text: t('consoleApplication.protocol.none') }, ...values] : values;
    };
    const kindOf = (name: string) => {
      if (name === 'response_types' || name === 'jwks') return name;
      if (flags.includes(name)) return 'flag';
      return name in choices ? 'choice' : 'text';
    };
    return {
      labels,
      parts: sections.map(({ name, fields }) => ({
        name,
        fields: fields.map((field) => ({
          name: field,
          kind: kindOf(field),
          label: labels[field],
          value: form[field],
          hint: t(`consoleApplication.protocol.hints.${field}`, { defaultValue: '' }),
          fault: faults[field] && faultText(field, { refusal, faults, t }),
          choices: choicesFor(field),
        })),
      })),
      types: responseTypes.map((type) => ({ type, isChosen: chosen.includes(type) })),
      facts: factsOf(form, labels, { flags: [...flags], t }),
    };
  },

  'console/application-access': ({ rule, form, users, asked, losing, t }: Access) => ({
    access: ['everyone', 'groups'].map((kind) => ({ kind, isChosen: rule.access === kind })),
    askedText: asked && t(`consoleApplication.access.reasons.${asked.reason}`, { groups: namesOf(asked.groups) }),
    losingText: losing && t('consoleApplication.access.losing', { count: losing.count.value }),
    isWithout: form['has_access'] === 'false',
    userRows: (users?.result ?? []).map(({ user_id: id, username, access: { has_access: hasAccess, reason } }) => ({
      id,
      username,
      why: hasAccess ? undefined : t(`consoleApplication.access.reasons.${reason}`),
    })),
    losingNames: (losing?.examples ?? []).map(({ name }) => name).join(', '),
  }),

  'console/application-signals': ({ settings, endings, streams, events, t }: Signals) => ({
    endingChoices: endings.map((value) => ({ value, isChosen: settings.on_access_lost === value })),
    streamRows: streams.map((stream) => ({
      ...stream,
      title: stream.endpoint_url ?? t('consoleApplication.signals.polled'),
      state: t(`consoleApplication.signals.status.${stream.status}`),
      waiting: t('consoleApplication.signals.waiting', { count: stream.pending }),
    })),
    eventRows: events.result.map(({ event, delivered_at: deliveredAt, refusal, created_at: createdAt }) => {
      const done = refusal === null ? 'taken' : 'refused';
      return {
        name: t(`consoleApplication.signals.kinds.${event.split('/').at(-1)}`, { defaultValue: event }),
        created_at: createdAt,
        refusal,
        state: t(`consoleApplication.signals.outcomes.${deliveredAt === null ? 'pending' : done}`),
      };
    }),
  }),

  'console/application-claims': ({ form, uses, idTokenScopes, renamedGroups, zone, faults, t }: Claims) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.claims.fields', t);
    const chosen = wordsOf(form['tokens']);
    const scopes = wordsOf(form['id_token_scopes']);
    return {
      labels,
      groupFault: faults['group_ids'] ? t('consoleApplication.claims.noGroup') : '',
      groupIds: wordsOf(form['groups']),
      useChoices: uses.map((use) => ({ use, isChosen: chosen.includes(use) })),
      scopeChoices: idTokenScopes.map((scope) => ({ scope, isChosen: scopes.includes(scope) })),
      renamedChoices: choicesOf(renamedGroups, 'consoleApplication.claims.renamedGroups', t),
      untilHint: t('consoleApplication.claims.hints.renamed_groups_until', { zone }),
      facts: factsOf(form, labels, { flags: [], t }),
    };
  },

  'console/application-delete': impactRows,

  'console/application-new-secret': ({ periods, t }: Words & { periods: string[] }) => ({
    periodChoices: choicesOf(periods, 'consoleApplication.newSecret.periods', t),
  }),

  'console/application-settings': ({ form, t }: Words & { form: Form }) => {
    const labels = textsOf(Object.keys(form), 'consoleApplication.fields', t);
    return { labels, facts: factsOf(form, labels, { flags: FLAGS, t }) };
  },
};
