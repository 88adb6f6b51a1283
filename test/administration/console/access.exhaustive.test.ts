import { scopesOfRoles } from '../../../src/administration/admin-roles/administrator.ts';
import { system } from '../../../src/platform/actor.ts';
import type { ConsolePage } from '../../../src/administration/console/frame.pages.ts';
import { ADMIN_ROLES, LIMITABLE_ROLES, type AdminRole } from '../../../src/directory/users/admin-role.ts';
import { contentsOf } from '../../support/contents.ts';
import { enterConsole } from '../../support/console.ts';
import { cookieHeader } from '../../support/factors.ts';
import { giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

const NOBODY = 'ffffffffffffffff';
const REFUSED = /Access denied|Administrators only/;

/** Every page and form of the console, whoever added it, against everybody who could come. */
describe('the console', () => {
  let test: TestApp;
  let pages: ConsolePage[];
  let things: Record<string, string>;

  beforeAll(async () => {
    test = await startApp();
    pages = test.app.consolePages;
    await giveUser(test, 'another-owner@example.com', { kind: 'administrator' });
    const { id: customer } = await giveUser(test, 'ada@example.com');
    const company = await giveGroup(test, 'Company');
    things = {
      user_id: customer,
      parent_id: company.id,
      group_id: (await giveGroup(test, 'Pilots', [customer], [], { parent_id: company.id })).id,
      role_id: (await giveRole(test, 'editor')).id,
      client_id: (await giveApplication(test)).id,
    };
  });
  afterAll(() => test.tearDown());

  const addressOf = ({ path }: ConsolePage) => path.replace(/:(\w+)/g, (_, name: string) => things[name] ?? NOBODY);

  const contents = () =>
    contentsOf(test, ['users', 'groups', 'roles', 'applications', 'jobs', 'oidc_sessions', 'audit_events']);

  interface Attempt {
    what: string;
    isAllowed: boolean;
    send(): Promise<{ status: number; text: string }>;
  }

  function attempts(cookie: string, scopes: Set<string>): Attempt[] {
    return pages.flatMap((page) => {
      const { scope, changes = scope, show, submit } = page;
      const address = addressOf(page);
      const look = async () => test.http.get(address).set('cookie', cookie);
      const act = async () => test.http.post(address).set('cookie', cookie).type('form').send({});
      return [
        ...(show ? [{ what: `get ${page.path}`, isAllowed: scopes.has(scope), send: look }] : []),
        ...(submit ? [{ what: `post ${page.path}`, isAllowed: scopes.has(changes), send: act }] : []),
      ];
    });
  }

  async function enterAs(role: AdminRole | 'customer', adminScope?: string[]) {
    const login = `${[role, ...(adminScope ?? [])].join('-of-')}@example.com`;
    const kind = role === 'customer' ? 'customer' : 'administrator';
    const given = await giveUser(test, login, { kind, adminRoles: role === 'customer' ? [] : [role] });
    const user = adminScope && role !== 'customer' ? await limit(given.id, role, adminScope) : given;
    const { browser } = await enterConsole(test, login);
    return attempts(cookieHeader(browser), scopesOfRoles(user, Object.keys(test.app.scopes)));
  }

  const limit = (id: string, role: AdminRole, adminScope: string[]) =>
    test.app.users.setAdministration(system, id, { adminRoles: [role], adminScope });

  it.each([...ADMIN_ROLES, 'customer'] as const)('is for %s as far as the role goes, and no further', async (role) => {
    await tryAll(await enterAs(role));
  });

  it.each([...LIMITABLE_ROLES])('is for %s in selected groups as far as the role goes there', async (role) => {
    await tryAll(await enterAs(role, [things['parent_id']!]));
  });

  it.each([...LIMITABLE_ROLES])('shows %s of another group nothing of this one', async (role) => {
    const other = await giveGroup(test, `Elsewhere ${role}`);
    const others = await enterAs(role, [other.id]);
    const before = await contents();
    const about = others.filter(({ what, isAllowed }) => isAllowed && /:(user_id|group_id)/.test(what));
    for (const { what, send } of about) {
      const { status, text } = await send();
      const isThere = what.startsWith('get') ? status !== 404 : status === 200;
      const names = /ada@example|Pilots/.test(text);
      expect({ what, isThere, names }).toEqual({ what, isThere: false, names: false });
    }
    expect(about.length).toBeGreaterThan(5);
    expect(await contents()).toEqual(before);
  });

  async function tryAll(all: Attempt[]): Promise<void> {
    const before = await contents();
    for (const { what, send } of all.filter(({ isAllowed }) => !isAllowed)) {
      const { status, text } = await send();
      expect({ what, status, isRefused: REFUSED.test(text) }).toEqual({ what, status: 403, isRefused: true });
    }
    expect(await contents()).toEqual(before);
    for (const { what, send } of all.filter(({ isAllowed }) => isAllowed)) {
      const { status, text } = await send();
      const isRefused = REFUSED.test(text) || status === 403 || status >= 500;
      expect({ what, status, isRefused }).toEqual({ what, status, isRefused: false });
    }
  }

  it('asks whoever is not signed in to sign in, and does nothing before', async () => {
    const before = await contents();
    for (const { what, send } of attempts('', new Set())) {
      const { status, headers } = (await send()) as unknown as { status: number; headers: Record<string, string> };
      expect({ what, status, location: headers['location'] }).toEqual({
        what,
        status: 303,
        location: expect.stringMatching(/^\/auth\?client_id=cohort-console/),
      });
    }
    expect(await contents()).toEqual(before);
  });
});
