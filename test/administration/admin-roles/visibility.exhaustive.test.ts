import { rightsOf } from '../../../src/administration/admin-roles/administrator.ts';
import { system, type Actor } from '../../../src/platform/actor.ts';
import type { ConsolePage } from '../../../src/administration/console/frame.pages.ts';
import type { Download, Endpoint } from '../../../src/platform/http/endpoint.ts';
import { LIMITABLE_ROLES } from '../../../src/directory/users/admin-role.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { enterConsole } from '../../support/console.ts';
import { cookieHeader } from '../../support/factors.ts';
import { callsByName } from '../../support/actors.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

const NOBODY = 'ffffffffffffffff';

/** Every group, role and user outside of the admin scope has such a name; what is searched for is in small letters. */
const HIDDEN = /Beyond-\w+|outsider@/g;

/**
 * The rule of docs/console.md: an administrator with an admin scope never sees the name of a group outside of it, nor of a
 * role that no group inside it has, nor of a user in no group of it. Asked of every GET endpoint and of every page of the
 * console, whoever adds one.
 */
describe('what an administrator with an admin scope sees', () => {
  let test: TestApp;
  let limited: User;
  let owner: User;
  /** The ids that a path or a query may name, inside and outside. */
  let ids: Record<string, string[]>;
  let queries: Record<string, string>[];

  beforeAll(async () => {
    test = await startApp();
    owner = await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const editor = await giveRole(test, 'editor');
    const billing = await giveRole(test, 'Beyond-billing');
    const corporate = await giveRole(test, 'Beyond-corporate');
    const inside = await giveUser(test, 'inside@example.com');
    const both = await giveUser(test, 'both@example.com');
    const outside = await giveUser(test, 'outsider@example.com', { firstName: 'Beyond-Ada' });
    const company = await giveGroup(test, 'Beyond-Company', [], [corporate.id]);
    const fleet = await giveGroup(test, 'Fleet', [], [], { parent_id: company.id });
    const below = { parent_id: fleet.id };
    const pilots = await giveGroup(test, 'Pilots', [inside.id, both.id], [editor.id], below);
    const finance = await giveGroup(test, 'Beyond-Money', [both.id, outside.id], [billing.id], {
      parent_id: company.id,
    });
    await test.app.groups.update(system, finance.id, { name: 'Beyond-Finance' });
    const clients: string[] = [];
    for (const format of ['name', 'path']) {
      const application = await giveApplication(test, { name: `Reads the ${format}` });
      const params = { client_id: application.id };
      const body = { format, renamed_groups: 'both' };
      await ownerCall()('put /v1/applications/{client_id}/claim-policy', { params, body });
      await (await relyingParty(test, application)).signIn({ login: both.username, scope: 'openid groups roles' });
      clients.push(application.id);
    }
    limited = await test.app.users.setAdministration(
      system,
      (await giveUser(test, 'limited@example.com', { kind: 'administrator', adminRoles: [] })).id,
      { adminRoles: [...LIMITABLE_ROLES], adminScope: [fleet.id] },
    );
    ids = {
      user_id: [inside.id, both.id, outside.id, owner.id],
      group_id: [fleet.id, pilots.id, finance.id, company.id],
      role_id: [editor.id, billing.id, corporate.id],
      client_id: [...clients, (await giveService(test)).id],
      job_id: [(await test.app.jobs.order(system, 'export', { type: 'groups', format: 'csv' })).id],
      factor_id: ['totp'],
      session_id: [NOBODY],
      webhook_id: [NOBODY],
      delivery_id: [NOBODY],
      stream_id: [NOBODY],
      rest: ['nothing'],
    };
    await test.app.drainJobs();
    queries = [
      {},
      { q: 'bey' },
      { name: 'beyond-finance' },
      ...[finance.id, company.id].flatMap((id) => [{ in_group: id }, { not_in_group: id }, { parent_id: id }]),
      ...[billing.id, corporate.id].map((id) => ({ role_id: id })),
      ...[inside.id, both.id, outside.id].map((id) => ({ user_id: id })),
      { in_group: pilots.id, role_id: billing.id },
      ...[finance.id, company.id, pilots.id].map((id) => ({ group_id: id, scope: 'openid groups' })),
      { group: 'beyond-finance' },
      { group: 'bey' },
      { role: 'bey' },
      { 'column:groups': 'yes' },
      { groups: 'true' },
    ];
  });
  afterAll(() => test.tearDown());

  function ownerCall() {
    const scopes = new Set(Object.keys(test.app.scopes));
    return callsByName(test.app, { kind: 'user', id: owner.id, name: owner.username, scopes });
  }

  /** Every way to fill in the parameters of a path. */
  function filledIn(names: string[]): Record<string, string>[] {
    return names.reduce<Record<string, string>[]>(
      (all, name) => {
        if (!ids[name]) throw new Error(`There is nothing for the parameter ${name}; add it above.`);
        return all.flatMap((params) => ids[name]!.map((id) => ({ ...params, [name]: id })));
      },
      [{}],
    );
  }

  const namesIn = (text: string) => [...new Set(text.match(HIDDEN) ?? [])];

  /** What an actor reads at an endpoint, whatever it names, errors included. */
  async function everythingAt(actor: Actor, { method, path, query }: Endpoint): Promise<string> {
    const call = callsByName(test.app, actor);
    const params = filledIn([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name));
    const asked = queries.filter((each) => Object.keys(each).every((name) => name in query.shape));
    const replies = params.flatMap((each) =>
      asked.map((wanted) =>
        call(`${method} ${path}`, { params: each, query: wanted }).then(
          async ({ body }) => `${JSON.stringify(body)}${await contentOf(body as Partial<Download>)}`,
          (error: { code?: string; message: string; faults?: object[] }) => {
            if (!error.code) throw error;
            return JSON.stringify([error.code, error.message, error.faults]);
          },
        ),
      ),
    );
    return (await Promise.all(replies)).join('\n');
  }

  async function contentOf({ content }: Partial<Download>): Promise<string> {
    const parts: Buffer[] = [];
    for await (const bytes of content ?? []) parts.push(bytes);
    return Buffer.concat(parts).toString();
  }

  async function namesAtEndpoints(actor: Actor): Promise<Record<string, string[]>> {
    const reading = test.app.endpoints.filter(({ method, path }) => method === 'get' && !path.endsWith('/follow'));
    const found: Record<string, string[]> = {};
    for (const endpoint of reading) {
      const names = namesIn(await everythingAt(actor, endpoint));
      if (names.length > 0) found[endpoint.path] = names;
    }
    return found;
  }

  const everyScope = () => new Set(Object.keys(test.app.scopes));

  it('at no endpoint has a name from outside in it, whatever scopes the administrator had', async () => {
    const actor: Actor = {
      kind: 'user',
      id: limited.id,
      name: limited.username,
      scopes: everyScope(),
      adminScope: limited.adminScope,
    };
    expect(await namesAtEndpoints(actor)).toEqual({});
  });

  it('is less than others see there', async () => {
    const actor: Actor = { kind: 'user', id: owner.id, name: owner.username, scopes: everyScope() };
    expect(Object.keys(await namesAtEndpoints(actor))).toEqual(
      expect.arrayContaining([
        '/v1/users',
        '/v1/users/{user_id}',
        '/v1/users/{user_id}/groups',
        '/v1/users/{user_id}/effective-groups',
        '/v1/users/{user_id}/effective-roles',
        '/v1/users/{user_id}/applications',
        '/v1/groups',
        '/v1/groups/{group_id}',
        '/v1/groups/{group_id}/members',
        '/v1/roles',
        '/v1/roles/{role_id}',
        '/v1/applications/{client_id}/claims/{user_id}',
        '/v1/jobs/{job_id}/file',
      ]),
    );
  });

  it('still has what is inside', async () => {
    const call = callsByName(test.app, {
      kind: 'user',
      id: limited.id,
      name: limited.username,
      ...rightsOf(limited, Object.keys(test.app.scopes)),
    });
    const params = { user_id: ids['user_id']![1]! };
    const { body } = await call('get /v1/users/{user_id}/effective-groups', { params });
    expect(body).toMatchObject({
      result: [
        { name: 'Fleet', is_direct: false },
        { name: 'Pilots', is_direct: true },
      ],
      is_complete: false,
    });
    const roles = await call('get /v1/users/{user_id}/effective-roles', { params });
    expect(roles.body).toMatchObject({
      result: [{ name: 'editor', groups: [{ name: 'Pilots' }], group_count: 1 }],
      is_complete: false,
    });
    const connected = await call<{ result: { claims: object }[] }>('get /v1/users/{user_id}/applications', { params });
    expect(connected.body.result.map(({ claims }) => claims)).toEqual([
      { groups: ['Fleet', 'Pilots'], roles: ['editor'] },
      { groups: ['/Fleet', '/Fleet/Pilots'], roles: ['editor'] },
    ]);
  });

  async function namesOnPages(login: string, { withForms }: { withForms: boolean }): Promise<Record<string, string[]>> {
    const cookie = cookieHeader((await enterConsole(test, login)).browser);
    const found: Record<string, string[]> = {};
    for (const page of test.app.consolePages) {
      const addresses = filledIn([...page.path.matchAll(/[:*](\w+)/g)].map(([, name = '']) => name)).map((params) =>
        page.path.replace(/[:*](\w+)/g, (_, name: string) => params[name]!),
      );
      for (const address of addresses) {
        const names = [
          ...(page.show ? await Promise.all(queriesFor(page).map((query) => look(cookie, address, query))) : []),
          ...(page.submit && withForms ? [await search(cookie, address)] : []),
        ];
        // The path alone, since a page may be there for some of its things only.
        const all = [...new Set(names.flat())];
        if (all.length > 0) found[page.path] = [...new Set([...(found[page.path] ?? []), ...all])];
      }
    }
    const { status } = await test.http.get('/console/users').set('cookie', cookie);
    expect({ isStillSignedIn: status === 200 }).toEqual({ isStillSignedIn: true });
    return found;
  }

  /** A page about one thing has a search and nothing more to ask for; but an application's shows what it reads of a user. */
  const queriesFor = ({ path }: ConsolePage) =>
    path.includes(':')
      ? queries.filter((query) => Object.keys(query).every((name) => /^(q|user_id|group_id|scope)$/.test(name)))
      : queries;

  async function look(cookie: string, address: string, query: Record<string, string>): Promise<string[]> {
    const { status, text } = await test.http.get(address).query(query).set('cookie', cookie);
    expect({ address, isServed: status < 500 }).toEqual({ address, isServed: true });
    return namesIn(text ?? '');
  }

  /** The form as it comes back when something is looked for in its pickers. */
  async function search(cookie: string, address: string): Promise<string[]> {
    const fields = { step: 'search', group_q: 'bey', role_q: 'bey', user_q: 'bey' };
    const { status, text } = await test.http.post(address).set('cookie', cookie).type('form').send(fields);
    expect({ address, isServed: status < 500 }).toEqual({ address, isServed: true });
    return namesIn(text ?? '');
  }

  it('on no page of the console has a name from outside in it', async () => {
    expect(await namesOnPages(limited.username, { withForms: true })).toEqual({});
  });

  it('is less than others see on those pages', async () => {
    expect(Object.keys(await namesOnPages(owner.username, { withForms: false }))).toEqual(
      expect.arrayContaining([
        '/console/users',
        '/console/users/:user_id/groups',
        '/console/users/:user_id/roles',
        '/console/users/:user_id/applications',
        '/console/applications/:client_id/preview',
        '/console/groups/new',
        '/console/groups/:group_id',
        '/console/roles',
        '/console/roles/:role_id',
      ]),
    );
  });
});
