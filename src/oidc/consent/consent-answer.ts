import type Provider from 'oidc-provider';
import { USER_ATTRIBUTES } from '../../../config/profile-settings.ts';
import { claimsByScope } from '../claims/standard-claims.ts';
import type { Grant } from 'oidc-provider';
import type { ClaimSource } from '../../directory/module.ts';
import { SignInEnded } from '../../directory/users/proof.ts';
import type { Consent } from './consent.ts';
import type { MakeGrant } from '../provider/grants.ts';
import { sessionOf, type Interaction } from '../sign-in/interaction.ts';
import { inOrder, type ReadableScope } from './scopes.ts';

interface Missing {
  missingOIDCScope?: string[];
  missingOIDCClaims?: string[];
  missingResourceScopes?: Record<string, string[]>;
}

/** What a user is asked to allow. */
export function scopesToAsk(interaction: Interaction, claims: ClaimSource[]): ReadableScope[] {
  const {
    missingOIDCScope = [],
    missingOIDCClaims = [],
    missingResourceScopes = {},
  } = interaction.prompt.details as Missing;
  const asked = missingOIDCScope.length > 0 ? missingOIDCScope : textOf(interaction.params['scope']).split(' ');
  const standard = Object.entries(claimsByScope(USER_ATTRIBUTES)).map(([scope, names]) => ({ scope, claims: names }));
  const byClaim = [...standard, ...claims].filter((source) =>
    source.claims.some((name) => missingOIDCClaims.includes(name)),
  );
  return [
    ...inOrder([...asked, ...byClaim.map(({ scope }) => scope)], claims),
    ...Object.entries(missingResourceScopes).flatMap(([resource, scopes]) =>
      scopes.map((scope) => ({ scope, resource })),
    ),
  ];
}

/** Makes or widens the grant with everything that was asked for, and says what to remember. */
export async function allow(
  provider: Provider,
  interaction: Interaction,
  makeGrant: MakeGrant,
): Promise<{ grantId: string; consent: Consent }> {
  const {
    missingOIDCScope = [],
    missingOIDCClaims = [],
    missingResourceScopes = {},
  } = interaction.prompt.details as Missing;
  const userId = interaction.session!.accountId;
  const clientId = String(interaction.params['client_id']);
  const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
  const grant = existing ?? (await newGrant(provider, interaction, makeGrant));
  if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims.length > 0) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '));
  const consent = {
    userId,
    clientId,
    scopes: missingOIDCScope,
    claims: missingOIDCClaims,
    resources: missingResourceScopes,
  };
  return { grantId: await grant.save(), consent };
}

async function newGrant(provider: Provider, interaction: Interaction, makeGrant: MakeGrant): Promise<Grant> {
  const session = await sessionOf(provider, interaction);
  const client = await provider.Client.find(String(interaction.params['client_id']));
  if (!session?.accountId || !client) throw SignInEnded();
  return makeGrant(provider, { client, accountId: session.accountId, proofMark: session.proofMark });
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
