import { fullName, queryOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { ClaimsPreview } from '../../oidc/claims-preview/claims-preview.ts';
import type { Application } from './application-form.ts';
import type { Group, User } from './replies.ts';

interface Preview extends Words {
  application: Application;
  home: string;
  form: Record<string, string | undefined>;
  found: User[];
  groups: Group[];
  resources: readonly string[];
  /** The claims of the chosen user. */
  seen?: ClaimsPreview & { user: User; values: string[] };
}

type Explanation = ClaimsPreview['groups'][number];

const PARTS = ['id_token', 'access_token', 'userinfo', 'introspection'] as const;

export const previewViewModels: ViewModels = {
  'console/application-preview': (page: Preview) => {
    const { home, form, found, groups, resources, seen, t } = page;
    const placeOf = (change: Record<string, string>) => {
      const { q, user_id, scope, resource } = form;
      return `${home}/preview?${queryOf({ q, user_id, scope, resource, ...change })}`;
    };
    const none = { value: '', text: t('consoleApplication.preview.noResource') };
    return {
      ...(seen ? seenOf(page, seen) : {}),
      resourceChoices: [none, ...resources.map((resource) => ({ value: resource, text: resource }))],
      groupRows: groups.map(({ group_id: id, name }) => ({ id, name, href: placeOf({ group_id: id }) })),
      rows: found.map((user) => ({ ...user, name: fullName(user), href: placeOf({ user_id: user.user_id }) })),
    };
  },
};

function seenOf(page: Preview, seen: NonNullable<Preview['seen']>) {
  const { t, when, language } = page;
  const bytesOf = (bytes: number) => t('consoleApplication.preview.size', { bytes: bytes.toLocaleString(language) });
  const lists = Object.entries(seen.sizes.claims).map(([claim, bytes]) => ({
    term: t('consoleApplication.preview.list', { claim }),
    value: bytesOf(bytes),
  }));
  const parts = PARTS.flatMap((part) => {
    const bytes = seen.sizes[part];
    return bytes === null ? [] : [{ term: t(`consoleApplication.preview.sizeOf.${part}`), value: bytesOf(bytes) }];
  });
  const { access_token: accessToken, answer } = seen;
  const opaque = accessToken?.format === 'opaque' ? { time: when(accessToken.expires_at) } : undefined;
  const scopes = { scopes: seen.scopes.join(' ') };
  return {
    scopesText: t(`consoleApplication.preview.scopesFrom.${seen.scopes_from}`, scopes),
    refusalText: seen.refusal ? t(`consoleApplication.preview.refusals.${seen.refusal.reason}`) : '',
    opaqueText: opaque ? t('consoleApplication.preview.opaque', opaque) : '',
    sizes: [...parts, ...lists],
    parts: PARTS.flatMap((part) => {
      const claims = part === 'access_token' ? accessToken?.claims : seen[part];
      return claims ? [{ part, json: JSON.stringify(claims, null, 2) }] : [];
    }),
    answerText: answer ? reasonOf(page, seen.user, answer) : '',
    explained: seen.groups.map((group) => ({
      name: group.name,
      mark: group.is_included ? 'good' : 'disabled',
      markText: group.is_included ? t('consoleApplication.preview.included') : t('consoleApplication.preview.leftOut'),
      reason: reasonOf(page, seen.user, group),
      until: group.is_included && group.until !== null ? when(group.until) : '',
      chains: group.paths.map((path) => [...path, group]),
    })),
  };
}

/** One sentence. */
function reasonOf({ t, when, application }: Preview, user: User, explanation: Explanation): string {
  const { name: group, reason, from, until, prefix, paths } = explanation;
  return t(`consoleApplication.preview.reasons.${reason}`, {
    user: fullName(user) || user.username,
    application: application.name,
    group,
    prefix: prefix ?? '',
    from: from === null ? '' : when(from),
    until: until === null ? '' : when(until),
    subgroup: paths[0]?.at(-1)?.name ?? '',
  });
}
