import type { Application } from './application.ts';
import { DEFAULT_CLAIM_POLICY } from './claim-policy.ts';

export const MY_ACCOUNT = 'cohort-account';
export const CONSOLE = 'cohort-console';

/** Where a first-party application begins, below the issuer. */
const placeOf: Record<string, { name: string; path: string }> = {
  [MY_ACCOUNT]: { name: 'My Account', path: '/account' },
  [CONSOLE]: { name: 'Console', path: '/console' },
};

/**
 * Cohort's own pages for users are applications too, so that MFA, `prompt=login` and `max_age` work there as
 * anywhere. Their response type is `none` (OAuth 2.0 Multiple Response Type Encoding Practices, section 4): no code and no
 * token is issued, the pages read the provider's own session. They are not kept in the database and cannot be changed.
 */
export function firstPartyApplications(issuer: string): Map<string, Application> {
  const since = new Date(0);
  const applications = Object.entries(placeOf).map(([id, { name, path }]): Application => {
    const metadata = {
      application_type: new URL(issuer).protocol === 'https:' ? 'web' : 'native',
      grant_types: [],
      response_types: ['none'],
      client_uri: `${issuer}${path}`,
      redirect_uris: [`${issuer}${path}/callback`],
      post_logout_redirect_uris: [`${issuer}/`],
      token_endpoint_auth_method: 'none',
    };
    const own = { skipConsent: true, requirePkce: false, requiresSecondFactor: false, adminScopes: [] };
    const claimPolicy = DEFAULT_CLAIM_POLICY;
    const times = { createdAt: since, updatedAt: since };
    return { id, name, description: '', type: 'web', metadata, ...own, claimPolicy, ...times };
  });
  return new Map(applications.map((application) => [application.id, application]));
}
