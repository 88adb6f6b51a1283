import { system } from '../../../src/platform/actor.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { giveTotp } from '../../support/factors.ts';
import { giveApplication, giveGroup, giveUser, giveRole } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

export const SECTIONS = ['', 'groups', 'roles', 'security', 'sessions', 'applications', 'activity', 'custom-data'];
export const FORMS_BELOW = ['password', 'factors', 'delete'];

/** A console with Ada, who has something on every page about her. */
export async function startConsoleWithAda(): Promise<ConsoleBrowser & { ada: User }> {
  const on = await startConsole();
  const { test } = on;
  const ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
  const role = await giveRole(test, 'navigator');
  const outer = await giveGroup(test, 'Everybody aboard', [], [role.id]);
  const bridge = await giveGroup(test, 'Bridge crew', [ada.id]);
  await giveGroup(test, 'Pilots', [ada.id]);
  await giveGroup(test, 'Engineers');
  await test.app.groups.update(system, bridge.id, { parent_id: outer.id });
  const party = await relyingParty(test, await giveApplication(test, { name: 'Flight book' }));
  await party.signIn({ login: 'ada@example.com', scope: 'openid profile groups' });
  await giveTotp(test, ada);
  const custom_data = { plan: { tier: 'gold', seats: 12 }, tags: ['vip', true], note: null };
  await test.app.users.update(system, ada.id, { custom_data });
  return { ...on, ada };
}

export const pathOf = ({ id }: User, section: string) => `/console/users/${id}${section && `/${section}`}`;

export const nameOf = (section: string) => `console-user-${section || 'profile'}`;
