/**
 * Owns the pages of a sign-in: one address, one page for each prompt, and back to the provider after each.
 * Must not touch: how users prove who they are; the modules contribute `signInSteps`, `signInMethods` and `signInLinks`.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { ApplicationLogos } from '../../directory/application-logos/application-logos.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../../authentication/credentials/credentials.ts';
import type { Devices } from '../../authentication/known-devices/known-devices.ts';
import type { ConsentStore } from '../consent/consent.ts';
import type { ProviderService } from '../provider/module.ts';
import type { FindUser } from '../provider/request-users.ts';
import { interactionPages } from './interactions.pages.ts';
import { signInViewModels } from './sign-in.views.ts';

export interface SignInModuleOptions {
  provider: Pick<ProviderService, 'current' | 'makeGrant' | 'ticketFor'>;
  consents: ConsentStore;
  audit: Audit;
  users: Users;
  findUser: FindUser;
  applications: Applications;
  logos: Pick<ApplicationLogos, 'addressOf'>;
  credentials: Credentials;
  devices: Devices;
}

export function createSignInModule(
  { config, now, log, metrics, hooks, contributions }: Platform,
  { provider, consents, audit, users, findUser, applications, logos, credentials, devices }: SignInModuleOptions,
): { service: undefined; module: Module } {
  const pages = interactionPages({
    provider: provider.current,
    contributions,
    consents,
    makeGrant: provider.makeGrant,
    ticketFor: provider.ticketFor,
    credentials,
    devices,
    audit,
    users,
    findUser,
    applications,
    logos,
    onSignIn: hooks.onSignIn,
    now,
    log,
    issuer: config.issuer,
  });
  return {
    service: undefined,
    module: {
      name: 'sign-in',
      pages,
      viewModels: signInViewModels,
      onSignIn: (outcome) => metrics.signIns.inc({ outcome }),
    },
  };
}
