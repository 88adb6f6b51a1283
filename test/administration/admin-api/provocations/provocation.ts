import { system } from '../../../../src/platform/actor.ts';
import type { TestApp } from '../../../support/app.ts';
import { giveGroup, giveUser, giveService } from '../../../support/app.ts';

/** Makes what a call needs to be refused, and returns the call, as far as it differs from a good one about nothing. */
export type Provocation = (test: TestApp) => Promise<{ path?: string; body?: object }>;

/** By endpoint and error code. */
export type Provocations = Record<string, Record<string, Provocation>>;

let serial = 0;

/** A name that nothing else has. */
export const newName = (start: string) => `${start} ${(serial += 1)}`;
export const newEmail = () => `provoker-${(serial += 1)}@example.com`;

export const at =
  (path: string): Provocation =>
  async () => ({ path });
export const withBody =
  (body: object): Provocation =>
  async () => ({ body });

export const newUserId = async (test: TestApp) => (await giveUser(test, newEmail())).id;
export const newGroupId = async (test: TestApp) => (await giveGroup(test, newName('Group'))).id;
export const newServiceId = async (test: TestApp) => (await giveService(test)).id;

export const newAdministratorId = async (test: TestApp) =>
  (await giveUser(test, newEmail(), { kind: 'administrator', adminRoles: ['auditor'] })).id;

/** An owner, after every other one was deleted. */
export async function onlyOwnerId(test: TestApp): Promise<string> {
  const others = await test.app.users.search(
    { kind: 'administrator', sort: 'username', descending: false },
    { list: '', limit: 200 },
  );
  const { id } = await giveUser(test, newEmail(), { kind: 'administrator' });
  for (const other of others.items) await test.app.users.remove(system, other.id);
  return id;
}

/** The innermost of as many groups as may be inside one another. */
export async function deepestGroupId(test: TestApp): Promise<string> {
  let parent: string | null = null;
  for (let level = 1; level <= 10; level += 1)
    parent = (await giveGroup(test, newName(`Level ${level}`), [], [], { parent_id: parent })).id;
  return parent!;
}
