import { getClaimPolicy, setClaimPolicy } from '../../directory/applications/claim-policies.api.ts';
import type { z } from 'zod';
import {
  CLAIM_USES,
  GROUP_FORMATS,
  ID_TOKEN_SCOPES,
  RENAMED_GROUPS,
  type IdTokenScope,
  type claimPolicyReply,
} from '../../directory/applications/claim-policy.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationPlace, applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveUndoably, type Before, type Editable, type Editing, type Form } from './editing.ts';
import { idsIn, isMissing, ticked, ticks } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupPicker } from './group-form.ts';
import { zoneOf } from './period-form.ts';
import { fromLocalTime, toLocalTime } from '../../platform/i18n/local-time.ts';
import { picker, withNames } from './picker.ts';

type Policy = z.output<typeof claimPolicyReply>;
const FLAGS = ['strip_prefix', 'direct_only'] as const;

/** How the same group is called in each format. */
const EXAMPLES = { name: 'Pilots', id: '4be2eff2574323ce', path: '/Crew/Pilots' };

/** Which groups an application receives. */
export const applicationClaimsPage = (scopes: readonly IdTokenScope[]): ConsolePage => ({
  path: '/console/applications/:client_id/claims',
  scope: 'applications:read',
  changes: 'applications:write',
  show: (visit) => show(visit, scopes),
  submit: (visit) => (visit.request.fields['step'] === 'search' ? searchAgain(visit, scopes) : save(visit, scopes)),
});

const placeOf = (visit: ConsoleVisit) => applicationPlace(paramsOf(visit).client_id, 'claims');

const editableOf = (visit: ConsoleVisit): Editable<Policy, BodyOf<typeof setClaimPolicy>> => ({
  read: () => visit.call(getClaimPolicy, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(setClaimPolicy, { params: paramsOf(visit), body, ifMatch }),
  toForm: (policy) => ({
    claim: policy.claim,
    format: policy.format,
    tokens: policy.tokens.join(' '),
    limit: String(policy.limit),
    limit_bytes: String(policy.limit_bytes),
    id_token_scopes: policy.id_token_scopes.join(' '),
    where: policy.group_ids ? 'groups' : 'everywhere',
    groups: [...(policy.group_ids ?? [])].sort().join(' '),
    prefix: policy.prefix,
    renamed_groups: policy.renamed_groups,
    renamed_groups_until:
      policy.renamed_groups_until === null
        ? ''
        : toLocalTime(new Date(policy.renamed_groups_until * 1000), zoneOf(visit)),
    ...Object.fromEntries(FLAGS.map((flag) => [flag, policy[flag] ? 'yes' : ''])),
  }),
});

function typedIn({ request: { fields } }: ConsoleVisit): Form {
  const text = (field: string) => fields[field]?.trim() ?? '';
  const tokens = ticked(fields, 'token');
  const scopes = ticked(fields, 'scope');
  return {
    claim: text('claim'),
    format: text('format'),
    tokens: CLAIM_USES.filter((use) => tokens.includes(use)).join(' '),
    limit: text('limit'),
    limit_bytes: text('limit_bytes'),
    id_token_scopes: ID_TOKEN_SCOPES.filter((scope) => scopes.includes(scope)).join(' '),
    where: fields['where'] === 'groups' ? 'groups' : 'everywhere',
    groups: ticked(fields, 'group').sort().join(' '),
    // A space at its end may be meant.
    prefix: fields['prefix'] ?? '',
    renamed_groups: text('renamed_groups'),
    renamed_groups_until: text('renamed_groups_until'),
    ...Object.fromEntries(FLAGS.map((flag) => [flag, fields[flag] ? 'yes' : ''])),
  };
}

type PolicyBody = BodyOf<typeof setClaimPolicy>;

const numberIn = (text: string | undefined) => (text ? Number(text) : undefined);

/** What is typed and is no time is refused by the call, beside the field. */
const secondsIn = (text: string | undefined, zone: string) =>
  text ? (fromLocalTime(text, zone)?.getTime() ?? Number.NaN) / 1000 : null;

// Casts, because the call refuses what is no format, no token, no scope and no choice of names.
const toBody = (form: Form, zone: string): PolicyBody => ({
  claim: form['claim'],
  format: form['format'] as PolicyBody['format'],
  group_ids: form['where'] === 'groups' ? idsIn(form['groups']) : null,
  prefix: form['prefix'],
  renamed_groups: form['renamed_groups'] as PolicyBody['renamed_groups'],
  renamed_groups_until: secondsIn(form['renamed_groups_until'], zone),
  tokens: idsIn(form['tokens']) as PolicyBody['tokens'],
  limit: numberIn(form['limit']),
  limit_bytes: numberIn(form['limit_bytes']),
  id_token_scopes: idsIn(form['id_token_scopes']) as PolicyBody['id_token_scopes'],
  ...Object.fromEntries(FLAGS.map((flag) => [flag, form[flag] === 'yes'])),
});

async function show(visit: ConsoleVisit, scopes: readonly IdTokenScope[]): Promise<PageReply> {
  try {
    return await claimsView(visit, await beginEdit(editableOf(visit)), scopes);
  } catch (error) {
    if (!isMissing(error, 'not_a_sign_in_client')) throw error;
    return { redirect: applicationPlace(paramsOf(visit).client_id) };
  }
}

async function save(visit: ConsoleVisit, scopes: readonly IdTokenScope[]): Promise<PageReply> {
  const typed = typedIn(visit);
  const { left, before } = await saveUndoably(visit, editableOf(visit), { typed, body: toBody(typed, zoneOf(visit)) });
  if (left) return claimsView(visit, left, scopes);
  return doneAt(placeOf(visit), 'claims_saved', before && { action: placeOf(visit), fields: toFields(before) });
}

async function searchAgain(visit: ConsoleVisit, scopes: readonly IdTokenScope[]): Promise<PageReply> {
  const begun = await beginEdit(editableOf(visit));
  const form = typedIn(visit);
  return claimsView(visit, { ...begun, form, version: visit.request.fields['version'] ?? '' }, scopes);
}

/** The fields that say the same when they are sent. */
const toFields = ({ form, version }: Before): Form => {
  const { tokens, groups, id_token_scopes: scopes, ...others } = form;
  return {
    step: 'save',
    version,
    ...others,
    ...ticks('token', idsIn(tokens)),
    ...ticks('scope', idsIn(scopes)),
    ...ticks('group', idsIn(groups)),
  };
};

async function claimsView(
  visit: ConsoleVisit,
  editing: Editing<Policy>,
  scopes: readonly IdTokenScope[],
): Promise<PageReply> {
  const { form, version, refusal, differences } = editing;
  const fields = { ...ticks('group', idsIn(form['groups'])), group_q: visit.request.fields['group_q'] ?? '' };
  const groups = visit.can('groups:read') ? await picker(visit, fields, groupPicker) : undefined;
  const named = await withNames(visit, differences, 'groups', groupPicker);
  const chosen = idsIn(form['id_token_scopes']);
  const model = {
    form,
    version,
    differences: named,
    groups,
    formats: GROUP_FORMATS,
    examples: EXAMPLES,
    uses: CLAIM_USES,
    renamedGroups: RENAMED_GROUPS,
    zone: zoneOf(visit),
    // A scope that is chosen and not in use any more stays chosen.
    idTokenScopes: ID_TOKEN_SCOPES.filter((scope) => scopes.includes(scope) || chosen.includes(scope)),
  };
  const view = applicationView(visit, await readApplication(visit), 'claims', model);
  return refusal ? refusedView(view, refusal) : view;
}
