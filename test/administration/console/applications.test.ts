import { system } from '../../../src/platform/actor.ts';
import type { PlainBrowser, Visit } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveApplication, giveGroup, giveUser, giveService, startApp, type TestApp } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe("the console's pages of applications, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/applications'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string, by = browser) => by.open(`${test.issuer}${path}`);
  const place = (id: string, part = '') => `/console/applications/${id}${part && `/${part}`}`;
  const faultsOf = ({ html }: Visit, name: string) =>
    (new RegExp(`id="${name}-fault"[^>]*>([\\s\\S]*?)</div>`).exec(html)?.[1] ?? '').replace(/<[^>]*>/g, '').trim();
  const secretIn = ({ html }: Visit) => /class="is-secret"[^>]*>([^<]+)</.exec(html)?.[1];
  const idIn = ({ html }: Visit) => /href="\/console\/applications\/([0-9a-f]{16})"/.exec(html)?.[1] ?? '';

  describe('a new one', () => {
    const typed = {
      name: 'Crew portal',
      description: '',
      post_logout_redirect_uris: '',
      redirect_uris: 'https://crew.example.com/callback',
    };

    it('is made with a secret that works and is shown once', async () => {
      const kinds = await open('/console/applications/new');
      expect(kinds.html).toContain('id="type-service"');
      const made = await browser.press(await open('/console/applications/new?type=web'), 'create', typed);
      const id = idIn(made);
      const secret = secretIn(made) ?? '';
      expect([made.status, secret]).toEqual([200, expect.stringMatching(/^[\w-]{43}$/)]);
      expect(made.html).toContain('oauth2-proxy');
      await giveUser(test, 'ada@example.com');
      const party = await relyingParty(test, { id, secret });
      const redirectUri = typed.redirect_uris;
      expect((await party.signIn({ login: 'ada@example.com', redirectUri })).idToken['aud']).toBe(id);
      expect((await open(place(id))).html).not.toContain(secret);
    });

    it('is typed into fields of text, whatever the type of the application', async () => {
      const { html } = await open('/console/applications/new?type=web');
      const types = [...html.matchAll(/<input [^>]*name="(?:name|initiate_login_uri)" type="(\w+)"/g)].map(
        ([, type]) => type,
      );
      expect(types).toEqual(['text', 'text']);
    });

    it('is made once when its form is sent twice', async () => {
      const page = await open('/console/applications/new?type=spa');
      const first = await browser.press(page, 'create', typed);
      expect(secretIn(first)).toBeUndefined();
      const second = await browser.press(page, 'create', typed);
      expect([second.status, second.html]).toEqual([409, expect.stringContaining('already exists')]);
    });

    it('keeps what was typed and says what is wrong with which address', async () => {
      const page = await open('/console/applications/new?type=web');
      const redirect_uris =
        'https://good.example.com/\nhttp://bad.example.com/\ncom.example:/x\nhttps://*.example.com/';
      const faulty = await browser.press(page, 'create', { ...typed, redirect_uris });
      expect(faulty.status).toBe(400);
      const faults = faultsOf(faulty, 'redirect_uris');
      expect(faults).toContain('http://bad.example.com/: Use https');
      expect(faults).toContain('https://*.example.com/: Remove *');
      expect(faults).not.toContain('good');
      expect(faulty.html).toContain('value="Crew portal"');
      expect(faulty.html).toContain('https://good.example.com/\n');
      const none = await browser.press(page, 'create', { ...typed, redirect_uris: ' ' });
      expect(faultsOf(none, 'redirect_uris')).toContain('at least one');
    });

    it('is only looked at when its addresses are checked', async () => {
      const { connection } = test.app.database;
      const before = await connection.collection('applications').countDocuments();
      const page = await open('/console/applications/new?type=web');
      const check = (redirect_uris: string) =>
        browser.press(page, 'create', { ...typed, name: '', step: 'check', redirect_uris });
      expect(faultsOf(await check('http://crew.example.com/'), 'redirect_uris')).toContain('Use https');
      const good = await check('https://crew.example.com/');
      expect([good.status, faultsOf(good, 'redirect_uris')]).toEqual([200, '']);
      expect(await connection.collection('applications').countDocuments()).toBe(before);
    });

    it('is a service with what its maker may give', async () => {
      await giveUser(test, 'apps@example.com', { kind: 'administrator', adminRoles: ['applications'] });
      const { browser: theirs } = await enterConsole(test, 'apps@example.com', '/console/applications');
      const page = await open('/console/applications/new?type=service', theirs);
      expect(page.html).not.toContain('scope:users:delete');
      const fields = { name: 'Reader', description: '', 'scope:groups:read': 'yes' };
      const id = idIn(await theirs.press(page, 'create', fields));
      expect(await test.app.applications.get(id)).toMatchObject({ type: 'service', adminScopes: ['groups:read'] });
    });
  });

  it('say of a service without a permission that it can do nothing', async () => {
    const page = await open('/console/applications/new?type=service');
    expect(page.html).not.toContain('Shown to users when they sign in.');
    const made = await browser.press(page, 'create', { name: 'Powerless', description: '' });
    expect(made.html).toContain('No permissions yet');
    expect(made.html).toContain('data-copies="client-id"');
  });

  describe('the settings', () => {
    const settings = {
      name: 'Flight plans',
      description: 'Plans',
      redirect_uris: 'https://app.example.com/callback',
      post_logout_redirect_uris: '',
      backchannel_logout_uri: '',
      initiate_login_uri: '',
    };

    it('are saved, and an address is taken away again', async () => {
      const { id } = await giveApplication(test);
      const backchannel_logout_uri = 'https://app.example.com/out';
      const typed = { ...settings, backchannel_logout_uri, require_pkce: 'yes' };
      const saved = await browser.press(await open(place(id)), 'save', typed);
      expect(saved.html).toContain('Application saved.');
      expect(await test.app.applications.get(id)).toMatchObject({
        description: 'Plans',
        requirePkce: true,
        skipConsent: true,
        metadata: { backchannel_logout_uri, post_logout_redirect_uris: [] },
      });
      await browser.press(saved, 'save', settings);
      expect((await test.app.applications.get(id)).metadata).not.toHaveProperty('backchannel_logout_uri');
    });

    it('say what is wrong, and when somebody else was faster', async () => {
      const { id } = await giveApplication(test);
      const page = await open(place(id));
      const bad = { ...settings, redirect_uris: 'nowhere', initiate_login_uri: 'http://x.example.com/' };
      const faulty = await browser.press(page, 'save', bad);
      expect(faultsOf(faulty, 'redirect_uris')).toContain('nowhere: Enter a complete URI');
      expect(faulty.html).toContain('id="initiate_login_uri-fault"');
      await test.app.applications.update(system, id, { name: 'Theirs' });
      const told = await browser.press(page, 'save', settings);
      expect([told.status, told.html]).toEqual([412, expect.stringContaining('Someone else changed this')]);
    });

    it('are not for those who have less than the service', async () => {
      const { id } = await giveService(test, ['users:delete']);
      const { browser: theirs } = await enterConsole(test, 'apps@example.com', place(id));
      expect((await open(place(id), theirs)).html).not.toContain('id="save"');
    });
  });

  it('replace a secret once it is confirmed', async () => {
    const { id, secret } = await giveApplication(test);
    const page = await open(place(id, 'secret'));
    expect((await browser.press(page, 'confirm')).status).toBe(400);
    const made = await browser.press(page, 'confirm', { confirmed: 'yes' });
    expect(secretIn(made)).toMatch(/^[\w-]{43}$/);
    expect(secretIn(made)).not.toBe(secret);
  });

  it('show what an application would read about somebody', async () => {
    const grace = await giveUser(test, 'grace@example.com', { firstName: 'Grace' });
    await giveGroup(test, 'Navigators', [grace.id]);
    const { id } = await giveApplication(test);
    const found = await open(`${place(id, 'preview')}?q=grace`);
    expect(found.html).toContain('grace@example.com');
    expect(found.html).not.toContain('owner@example.com</bdi></span> <span');
    const seen = await open(`${place(id, 'preview')}?user_id=${grace.id}`);
    expect(seen.html).toContain('<bdi>Navigators</bdi>');
    expect(seen.html).toContain('given_name');
    expect((await open(`${place(id, 'preview')}?user_id=ffffffffffffffff`)).html).toContain('No user with this email.');
  });

  it('say of any group why it is in the claim or not, in one sentence', async () => {
    const user = await giveUser(test, 'kay@example.com', { firstName: 'Kay' });
    const crew = await giveGroup(test, 'Cabin crew');
    await giveGroup(test, 'Stewards', [user.id], [], { parent_id: crew.id });
    const gate = await giveGroup(test, 'Gate staff');
    const { id } = await giveApplication(test, { name: 'Grafana' });
    const asked = await open(`${place(id, 'preview')}?user_id=${user.id}&group_q=gate`);
    const link = new RegExp(`href="([^"]*group_id=${gate.id}[^"]*)"`).exec(asked.html)![1]!.replaceAll('&amp;', '&');
    const answerOf = ({ html }: Visit) => /id="answer"[^>]*>([^<]*)</.exec(html)?.[1];
    expect(answerOf(await open(link))).toBe('Kay is not a member of Gate staff.');
    const inherited = await open(`${place(id, 'preview')}?user_id=${user.id}&group_id=${crew.id}`);
    expect(answerOf(inherited)).toBe(
      'Kay is a member of Cabin crew through its subgroup Stewards, so Grafana receives it.',
    );
    expect(inherited.html).toContain('Kay is a direct member of Stewards, so Grafana receives it.');
    await test.app.users.disable(system, user.id);
    const refused = await open(`${place(id, 'preview')}?user_id=${user.id}&scope=openid`);
    expect(refused.html).toContain('This user is disabled');
    expect(refused.html).toContain('Scopes: openid.');
    expect(refused.html).not.toContain('<pre');
  });

  describe('the groups claim', () => {
    const box = (kind: string, id: string) => ({ [`${kind}:${id}`]: 'yes' });

    it('is chosen, previewed under its name, and taken back', async () => {
      const mary = await giveUser(test, 'mary@example.com');
      const readers = await giveGroup(test, 'app-readers', [mary.id]);
      const writers = await giveGroup(test, 'app-writers', [mary.id]);
      const { id } = await giveApplication(test);
      const saved = await browser.press(await open(place(id, 'claims')), 'save', {
        where: 'groups',
        ...box('group', readers.id),
        prefix: 'app-',
        strip_prefix: 'yes',
        claim: 'memberOf',
      });
      expect(saved.html).toContain('Claim policy saved');
      const preview = await open(`${place(id, 'preview')}?user_id=${mary.id}`);
      expect(preview.html).toContain('<bdi>readers</bdi>');
      expect(preview.html).not.toContain('<bdi>writers</bdi>');
      expect(preview.html).toContain('&#34;memberOf&#34;');
      const inSpring = 'getAttributes().get(&#34;memberOf&#34;)';
      expect((await open(place(id, 'connect'))).html).toContain(inSpring);
      const replaced = await browser.press(await open(place(id, 'secret')), 'confirm', { confirmed: 'yes' });
      expect(replaced.html).toContain(inSpring);
      const undone = await browser.press(saved, 'undo');
      expect(undone.html).toContain('Claim policy saved');
      expect((await test.app.applications.get(id)).claimPolicy).toMatchObject({ claim: 'groups', prefix: '' });
      expect((await open(`/console/groups/${writers.id}/applications`)).status).toBe(200);
    });

    it('keeps what was typed and says what is wrong', async () => {
      const group = await giveGroup(test, 'Tower');
      const { id } = await giveApplication(test);
      const typed = { claim: 'sub', strip_prefix: 'yes', limit: '5000', where: 'groups', ...box('group', group.id) };
      const faulty = await browser.press(await open(place(id, 'claims')), 'save', typed);
      expect(faulty.status).toBe(400);
      expect(faultsOf(faulty, 'claim')).toContain('has a different meaning');
      expect(faultsOf(faulty, 'limit')).toContain('at most 1000');
      expect(faulty.html).toContain('value="sub"');
      expect(faulty.html).toMatch(new RegExp(`name="group:${group.id}" value="yes" checked`));
      const found = await browser.press(faulty, 'group-search', { group_q: 'nothing of that name' });
      expect([found.status, found.html]).toEqual([200, expect.stringContaining('value="sub"')]);
      expect(found.html).toMatch(new RegExp(`name="group:${group.id}" value="yes" checked`));
    });

    it('shows both states when two change it at once', async () => {
      const { id } = await giveApplication(test);
      const first = await open(place(id, 'claims'));
      const second = await open(place(id, 'claims'));
      await browser.press(first, 'save', { claim: 'memberOf' });
      const told = await browser.press(second, 'save', { claim: 'teams' });
      expect([told.status, told.html]).toEqual([412, expect.stringContaining('memberOf')]);
    });

    it('is none for a service', async () => {
      const { id } = await giveService(test);
      const settings = await open(place(id, 'claims'));
      expect(settings.address).toBe(`${test.issuer}${place(id)}`);
      expect(settings.html).not.toContain(place(id, 'claims'));
    });
  });

  it('delete one after saying who is connected', async () => {
    const application = await giveApplication(test);
    await (await relyingParty(test, application)).signIn({ login: 'ada@example.com' });
    const page = await open(place(application.id, 'delete'));
    expect(page.html).toContain('One user is connected to it');
    expect((await browser.press(page, 'confirm')).status).toBe(400);
    const gone = await browser.press(page, 'confirm', { confirmed: 'yes' });
    expect(gone.html).toContain('Application deleted');
    expect(await test.app.applications.find(application.id)).toBeUndefined();
  });
});
