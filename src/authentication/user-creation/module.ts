/**
 * Owns the creation of users through the admin API: a user together with a first password or an invitation.
 * Must not touch: users, passwords and invitations other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Invitations } from '../invitations/invitations.ts';
import { userCreationEndpoints } from './user-creation.api.ts';

export interface UserCreationModuleOptions {
  users: Users;
  credentials: Credentials;
  invitations: Invitations;
}

export function createUserCreationModule(
  _platform: Platform,
  { users, credentials, invitations }: UserCreationModuleOptions,
): { service: undefined; module: Module } {
  const endpoints = userCreationEndpoints({ users, credentials, invitations });
  return { service: undefined, module: { name: 'user-creation', endpoints } };
}
