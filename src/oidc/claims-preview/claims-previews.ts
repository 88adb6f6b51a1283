import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import { compareKeys, wordKey } from '../../platform/sort-keys.ts';
import type { ApplicationAccess } from '../../directory/application-access/application-access.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { User } from '../../directory/users/user.ts';
import type { Claims } from '../claims/module.ts';
import type { IssuePreview } from '../provider/issue-preview.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { UnknownResource, type ClaimsPreview, type ScopeSource } from './claims-preview.ts';
import { textOf } from './explanation-text.ts';
import { presentGroupExplanation, type GroupExplanation } from './group-explanation.ts';
import { createExplain, type Known } from './group-explanations.ts';
import { payloadsByUse, previewTokens, type PreviewedTokens } from './preview-claims.ts';

export interface ClaimsPreviewsOptions {
  claims: Pick<Claims, 'accountsFor'>;
  previewIssue: IssuePreview;
  groups: Pick<Groups, 'get' | 'withParents'>;
  memberships: Pick<Memberships, 'current' | 'upcoming' | 'endedOf'>;
  access: Pick<ApplicationAccess, 'mayAccess'>;
  sessions: Pick<Sessions, 'grantedScopes'>;
  /** Of these groups, those that an actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
  /** All scopes with claims about users. */
  userScopes(): string[];
  /** The APIs that access tokens can be for. */
  resources: readonly string[];
  now: Clock;
}

export interface WantedClaims {
  user: User;
  application: Application;
  scope?: string | undefined;
  resource?: string | undefined;
  groupId?: Id | undefined;
}

export type ClaimsPreviews = ReturnType<typeof createClaimsPreviews>;

/** Memberships that ended are listed for so many groups; one that is asked for is always found. */
const MOST_ENDED = 20;

/** What applications receive about users, and why. */
export function createClaimsPreviews(options: ClaimsPreviewsOptions) {
  const { claims, previewIssue, groups, memberships, access, sessions, visibleGroups, now } = options;

  /** @throws UnknownResource, GroupNotFound */
  async function preview(actor: Actor, wanted: WantedClaims): Promise<ClaimsPreview> {
    const { user, application, resource, groupId } = wanted;
    if (resource !== undefined && !options.resources.includes(resource))
      throw UnknownResource({ faults: [{ parameter: 'resource', detail: 'is not in COHORT_RESOURCES' }] });
    const asked = groupId === undefined ? undefined : await groups.get(groupId);
    const { scopes, from } = await scopesFor(wanted);
    const seen = (all: Group[]) => visibleGroups(actor, all);
    const request = { user, application, scopes, resource, visibleGroups: seen };
    const { notIssued, ...tokens } = await previewTokens({ claims, previewIssue, now }, request);
    const refusal = notIssued && (await refusalOf(user, application));
    const known = await knownOf(seen, { user, application, asked, scopes, refusal, tokens });
    const { explain, isNear } = createExplain(known);
    const present = (explanation: GroupExplanation) => presented(explanation, user, application);
    const near = known.groups.filter(isNear).map(explain);
    return {
      scopes,
      scopes_from: from,
      refusal: refusal ? { reason: refusal, detail: notIssued.description } : null,
      ...tokens,
      groups: shown(near).map(present),
      answer: asked ? present(explain(asked)) : null,
    };
  }

  /** OpenID Connect Core 3.1.2.1: without `openid`, nothing is about a user. */
  async function scopesFor({
    user,
    application,
    scope,
  }: WantedClaims): Promise<{ scopes: string[]; from: ScopeSource }> {
    const all = options.userScopes();
    // RFC 7591, section 2: an application may be limited to certain scopes.
    const limit = application.metadata['scope'];
    const allowed = typeof limit === 'string' ? all.filter((each) => limit.split(' ').includes(each)) : all;
    if (scope !== undefined) {
      const requested = scope.split(' ').filter((each) => !all.includes(each) || allowed.includes(each));
      return { scopes: [...new Set(['openid', ...requested])].filter(isOfTokens), from: 'requested' };
    }
    const granted = await sessions.grantedScopes(user.id, application.id);
    if (!granted) return { scopes: allowed, from: 'all' };
    return { scopes: allowed.filter((each) => each === 'openid' || granted.includes(each)), from: 'granted' };
  }

  async function refusalOf(user: User, application: Application) {
    if (user.status === 'disabled') return 'user_disabled';
    return (await access.mayAccess(user, application)) ? 'not_issued' : 'no_access';
  }

  interface Basis {
    user: User;
    application: Application;
    asked: Group | undefined;
    scopes: string[];
    refusal: Known['refusal'];
    tokens: PreviewedTokens;
  }

  async function knownOf(
    seen: (all: Group[]) => Promise<Group[]>,
    { user, application, asked, scopes, refusal, tokens }: Basis,
  ): Promise<Known> {
    const current = memberships.current(user);
    const upcoming = memberships.upcoming(user);
    const ended = await memberships.endedOf(user.id);
    const ids = [...current, ...upcoming, ...ended.map(({ membership }) => membership)].map(({ group }) => group);
    const all = await groups.withParents([...new Set([...ids, ...(asked ? [asked.id] : [])])]);
    return {
      policy: application.claimPolicy,
      refusal,
      hasScope: scopes.includes('groups'),
      payloads: payloadsByUse(tokens),
      current,
      upcoming,
      ended,
      groups: await seen(all),
      at: now(),
    };
  }

  return { preview };
}

/** Not a scope of tokens: whether there is a refresh token changes nothing of the others. */
const isOfTokens = (scope: string) => scope !== 'offline_access';

function presented(explanation: GroupExplanation, user: User, application: Application) {
  const { prefix } = application.claimPolicy;
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ') || user.username;
  const text = textOf(explanation, { user: name, application: application.name, prefix });
  return presentGroupExplanation(explanation, { explanation: text, prefix });
}

/** All of them but for memberships that ended long ago, by name. */
function shown(explanations: GroupExplanation[]): GroupExplanation[] {
  const endOf = ({ until }: GroupExplanation) => until?.getTime() ?? 0;
  const ended = explanations.filter(({ reason }) => reason === 'membership_ended');
  const latest = new Set(ended.sort((a, b) => endOf(b) - endOf(a)).slice(0, MOST_ENDED));
  const keyOf = ({ group }: GroupExplanation) => wordKey([group.name], group.id);
  return explanations
    .filter((each) => each.reason !== 'membership_ended' || latest.has(each))
    .sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}
