import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SECRET, type Snippet, type SnippetOptions } from '../../../src/administration/console/snippet.ts';
import { snippetsFor } from '../../../src/administration/console/snippets.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { giveManyGroups } from '../../support/many-groups.ts';

const example: SnippetOptions = {
  issuer: 'https://id.example.com',
  clientId: 'grafana',
  type: 'web',
  redirectUri: `https://app.example.com/it's`,
  scopes: [],
  claim: 'groups',
};

const textOf = (name: string, more: Partial<SnippetOptions> = {}) =>
  snippetsFor({ ...example, ...more }).find((snippet) => snippet.name === name)!.text;

describe('the settings to paste', () => {
  it('are there for everything that a web application is built with', () => {
    expect(snippetsFor(example).map(({ title }) => title)).toEqual([
      ...[
        'openid-client',
        'Auth.js',
        'Spring',
        'oauth2-proxy',
        'Apache (mod_auth_openidc)',
        'Grafana',
        'Kubernetes',
        'Dex',
      ],
    ]);
  });

  it.each(snippetsFor(example))(
    'for $title name the issuer, the client, the groups and a place for the secret',
    ({ text }) => {
      for (const part of ['https://id.example.com', 'grafana', 'groups', 'CLIENT_SECRET']) expect(text).toContain(part);
    },
  );

  it('ask for the scopes of the standard and for groups', () => {
    const texts = snippetsFor(example).filter(({ name }) => name !== 'kubernetes');
    for (const { text } of texts) expect(text.replaceAll(',', '')).toContain('openid profile email groups');
  });

  it.each(['spa', 'native'] as const)('have no secret for a public client: %s', (type) => {
    for (const { text } of snippetsFor({ ...example, type })) expect(text).not.toMatch(/secret/i);
  });

  it('of a service ask for what it may do', () => {
    const [snippet] = snippetsFor({ ...example, type: 'service', redirectUri: undefined, scopes: ['groups:read'] });
    expect(snippet!.text).toContain("scope: 'groups:read'");
  });

  it.each(snippetsFor(example))(
    'for $title say where groups come from when they are too many for a token',
    ({ text }) => {
      expect(text).toMatch(/too many|fetches the groups/);
    },
  );

  it('hold an address as text, whatever is in it', () => {
    expect(snippetsFor(example)[0]!.text).toContain(`redirect_uri: "https://app.example.com/it's"`);
  });

  it.each([
    ['crew', 'openidClient', ['const { crew: groups, ...user } = ']],
    ['crew', 'authJs', ['picture, crew: groups })', 'groups: profile.crew,', '(profile?.crew as string[])']],
    ['crew', 'grafana', ['groups_attribute_path = crew\n', 'contains(crew[*], ']],
    ['crew', 'kubernetes', ['claim: crew\n']],
    ['https://a.example.com/groups', 'openidClient', ["const { 'https://a.example.com/groups': groups, ...user } = "]],
    [
      'https://a.example.com/groups',
      'authJs',
      [
        "picture, 'https://a.example.com/groups': groups })",
        "groups: profile['https://a.example.com/groups'],",
        "(profile?.['https://a.example.com/groups'] as string[])",
      ],
    ],
    ['https://a.example.com/groups', 'spring', ['getAttributes().get("https://a.example.com/groups")']],
    ['https://a.example.com/groups', 'oauth2Proxy', ['oidc_groups_claim = "https://a.example.com/groups"']],
    ['https://a.example.com/groups', 'apache', ['Require claim "https://a.example.com/groups:Staff"']],
    [
      'https://a.example.com/groups',
      'grafana',
      ['groups_attribute_path = "https://a.example.com/groups"[*]\n', 'contains("https://a.example.com/groups"[*], '],
    ],
    ['https://a.example.com/groups', 'kubernetes', ['claim: "https://a.example.com/groups"\n']],
  ])('read the claim %s of the application: %s', (claim, name, parts) => {
    for (const part of parts) expect(textOf(name, { claim })).toContain(part);
  });

  it('of oauth2-proxy send the cookie over http only where the application is there', () => {
    const atHome = textOf('oauth2Proxy', { redirectUri: 'http://localhost:4180/oauth2/callback' });
    expect(atHome).toContain('redirect_url = "http://localhost:4180/oauth2/callback"\ncookie_secure = false\n');
    const outside = textOf('oauth2Proxy', { redirectUri: 'https://app.example.com/oauth2/callback' });
    expect(outside).toContain('redirect_url = "https://app.example.com/oauth2/callback"\n');
    expect(outside).not.toContain('cookie_secure');
    expect(textOf('oauth2Proxy', { redirectUri: 'http://localhost:3000/callback' })).not.toContain('redirect_url');
  });

  it('of Kubernetes name both addresses at which kubectl waits', () => {
    for (const port of [8000, 18000]) expect(textOf('kubernetes')).toContain(`http://localhost:${port}`);
  });

  it('allow http only where the issuer has it', () => {
    const [local] = snippetsFor({ ...example, issuer: 'http://localhost:3000' });
    expect(local!.text).toContain('allowInsecureRequests');
    expect(snippetsFor(example)[0]!.text).not.toContain('allowInsecureRequests');
  });
});

describe('the settings to paste for openid-client, run as they stand', () => {
  let test: TestApp;
  let folder: string;

  beforeAll(async () => {
    test = await startApp();
    const { id } = await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    await giveGroup(test, 'Pilots', [id]);
    folder = mkdtempSync(join(tmpdir(), 'cohort-snippets-'));
    symlinkSync(join(import.meta.dirname, '..', '..', '..', 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await test.tearDown();
    rmSync(folder, { recursive: true });
  });

  /** Runs the snippet and behind it `rest`, which prints lines and may read others. */
  function run({ file, text }: { file: string; text: string }, secret: string, rest: string) {
    writeFileSync(join(folder, file), `${text.replace(SECRET, secret)}\n${rest}`);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      read: async () => String((await lines.next()).value),
      write: (line: string) => child.stdin.end(`${line}\n`),
    };
  }

  /** What the snippet says about a user who signs in. */
  async function signInWith(snippet: Snippet, secret: string, login: string): Promise<unknown> {
    const rest = `
      console.log(url.href);
      process.stdin.once('data', async (line) => console.log(JSON.stringify(await signedIn(new URL(String(line))))));
    `;
    const application = run(snippet, secret, rest);
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(await application.read());
    const back = await browser.press(page, 'login-submit', { login, password: PASSWORD });
    application.write(back.address);
    return JSON.parse(await application.read());
  }

  it.each(['groups', 'crew', 'https://app.example.com/groups'])('sign somebody in and read %s', async (claim) => {
    const { id, secret } = await giveApplication(test);
    await test.http
      .put(`/v1/applications/${id}/claim-policy`)
      .set('authorization', `Bearer ${await adminToken(test)}`)
      .send({ claim });
    const [snippet] = snippetsFor({ ...example, claim, issuer: test.issuer, clientId: id, redirectUri: REDIRECT_URI });
    expect(await signInWith(snippet!, secret, 'ada@example.com')).toMatchObject({
      groups: ['Pilots'],
      email: 'ada@example.com',
      name: 'Ada',
    });
  });

  it.each([0, 2, 250])('read the groups of a user who is in %i', async (count) => {
    const login = `grace${count}@example.com`;
    const grace = await giveUser(test, login);
    const groups = await giveManyGroups(test, { count, userIds: [grace.id], name: `Crew of ${count}` });
    const { id, secret } = await giveApplication(test);
    const [snippet] = snippetsFor({ ...example, issuer: test.issuer, clientId: id, redirectUri: REDIRECT_URI });
    const user = await signInWith(snippet!, secret, login);
    expect(user).toMatchObject({ sub: grace.id, email: login, groups: groups.map(({ name }) => name) });
  });

  it('call the admin API as a service', async () => {
    const { id, secret } = await giveService(test, ['groups:read']);
    const service = { type: 'service', redirectUri: undefined, scopes: ['groups:read'] } as const;
    const [snippet] = snippetsFor({
      ...example,
      ...service,
      issuer: test.issuer,
      clientId: id,
      scopes: [...service.scopes],
    });
    const application = run(snippet!, secret, 'console.log(JSON.stringify(await reply.json()));');
    const { result } = JSON.parse(await application.read()) as { result: { name: string }[] };
    expect(result.map(({ name }) => name)).toContain('Crew of 2 1000');
  });
});
