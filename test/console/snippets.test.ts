import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SECRET, snippetsFor, type SnippetOptions } from '../../src/console/snippets.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  giveApplication,
  giveGroup,
  givePerson,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  startHouse,
  type TestHouse,
} from '../support/house.ts';

const options: SnippetOptions = {
  issuer: 'https://id.example.com',
  clientId: 'grafana',
  type: 'web',
  redirectUri: `https://app.example.com/it's`,
  scopes: [],
};

describe('the settings to paste', () => {
  it('are there for everything that a web application is built with', () => {
    expect(snippetsFor(options).map(({ title }) => title)).toEqual([
      ...['openid-client', 'Auth.js', 'Spring', 'oauth2-proxy', 'Grafana', 'Kubernetes'],
    ]);
  });

  it.each(snippetsFor(options))(
    'for $title name the issuer, the client, the groups and a place for the secret',
    ({ text }) => {
      for (const part of ['https://id.example.com', 'grafana', 'groups', 'CLIENT_SECRET']) expect(text).toContain(part);
    },
  );

  it('ask for the scopes of the standard and for groups', () => {
    const texts = snippetsFor(options).filter(({ name }) => name !== 'kubernetes');
    for (const { text } of texts) expect(text.replaceAll(',', '')).toContain('openid profile email groups');
  });

  it.each(['spa', 'native'] as const)('have no secret for a public client: %s', (type) => {
    for (const { text } of snippetsFor({ ...options, type })) expect(text).not.toMatch(/secret/i);
  });

  it('of a service ask for what it may do', () => {
    const [snippet] = snippetsFor({ ...options, type: 'service', redirectUri: undefined, scopes: ['groups:read'] });
    expect(snippet!.text).toContain("scope: 'groups:read'");
  });

  it('hold an address as text, whatever is in it', () => {
    expect(snippetsFor(options)[0]!.text).toContain(`redirect_uri: "https://app.example.com/it's"`);
  });

  it('allow http only where the issuer has it', () => {
    const [local] = snippetsFor({ ...options, issuer: 'http://localhost:3000' });
    expect(local!.text).toContain('allowInsecureRequests');
    expect(snippetsFor(options)[0]!.text).not.toContain('allowInsecureRequests');
  });
});

describe('the settings to paste for openid-client, run as they stand', () => {
  let test: TestHouse;
  let folder: string;

  beforeAll(async () => {
    test = await startHouse();
    const { id } = await givePerson(test, 'ada@example.com', { firstName: 'Ada' });
    await giveGroup(test, 'Pilots', [id]);
    folder = mkdtempSync(join(tmpdir(), 'cohort-snippets-'));
    symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(folder, 'node_modules'));
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

  it('sign somebody in and read their groups', async () => {
    const { id, secret } = await giveApplication(test);
    const [snippet] = snippetsFor({ ...options, issuer: test.issuer, clientId: id, redirectUri: REDIRECT_URI });
    const rest = `
      console.log(address.href);
      process.stdin.once('data', async (line) => console.log(JSON.stringify(await signedIn(new URL(String(line))))));
    `;
    const application = run(snippet!, secret, rest);
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(await application.read());
    const back = await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    application.write(back.address);
    expect(JSON.parse(await application.read())).toMatchObject({
      ...{ groups: ['Pilots'], email: 'ada@example.com', name: 'Ada' },
    });
  });

  it('call the admin API as a service', async () => {
    const { id, secret } = await giveService(test, ['groups:read']);
    const service = { type: 'service', redirectUri: undefined, scopes: ['groups:read'] } as const;
    const [snippet] = snippetsFor({ ...service, issuer: test.issuer, clientId: id, scopes: [...service.scopes] });
    const application = run(snippet!, secret, 'console.log(JSON.stringify(await reply.json()));');
    expect(JSON.parse(await application.read())).toMatchObject({ result: [{ name: 'Pilots' }] });
  });
});
