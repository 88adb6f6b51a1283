/**
 * Owns the claims preview: what an application would receive about a user now, and why each group is in it or not.
 * Must not touch: how tokens are made (`provider/`), what claims say (`claims/`), and memberships.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { ApplicationAccess } from '../../directory/application-access/application-access.ts';
import type { ClaimPolicies } from '../../directory/applications/claim-policies.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Claims } from '../claims/module.ts';
import { claimsByScope } from '../claims/standard-claims.ts';
import type { IssuePreview } from '../provider/issue-preview.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { claimsPreviewEndpoints } from './claims-preview.api.ts';
import { createClaimsPreviews } from './claims-previews.ts';

export interface ClaimsPreviewModuleOptions {
  claims: Pick<Claims, 'accountsFor'>;
  previewIssue: IssuePreview;
  users: Pick<Users, 'get'>;
  groups: Pick<Groups, 'get' | 'withParents'>;
  memberships: Memberships;
  claimPolicies: Pick<ClaimPolicies, 'getApplication'>;
  access: Pick<ApplicationAccess, 'mayAccess'>;
  sessions: Pick<Sessions, 'grantedScopes'>;
}

export function createClaimsPreviewModule(
  { config, now, hooks, contributions }: Platform,
  { claims, previewIssue, users, groups, memberships, claimPolicies, access, sessions }: ClaimsPreviewModuleOptions,
): { service: undefined; module: Module } {
  const standard = Object.keys(claimsByScope(config.userAttributes ?? []));
  const previews = createClaimsPreviews({
    claims,
    previewIssue,
    groups,
    memberships,
    access,
    sessions,
    visibleGroups: (actor, all) => hooks.access.visibleGroups(actor, all),
    userScopes: () => ['openid', ...standard, ...contributions.claimSources.map(({ scope }) => scope)],
    resources: config.resources,
    now,
  });
  const endpoints = claimsPreviewEndpoints({
    getApplication: claimPolicies.getApplication,
    getUser: users.get,
    previews,
  });
  return { service: undefined, module: { name: 'claims-preview', endpoints } };
}
