import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snippetsFor } from '../../src/administration/console/snippets.ts';
import { createPlainBrowser, type PlainBrowser, type Visit } from '../../src/demo/plain-browser.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { system } from '../../src/platform/actor.ts';
import { giveApplication, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { until } from '../support/process.ts';

/** What an application behind oauth2-proxy learned of a user. */
interface Seen {
  groups: string[];
  /** Whether the next sign-in asked for the password again, after the user had signed out. */
  isSignedOut: boolean;
}

/** Answers with the header that oauth2-proxy adds to the requests of users who are signed in. */
async function startUpstream(): Promise<Server> {
  const server = createServer((req, res) => res.end(JSON.stringify(req.headers['x-forwarded-groups'] ?? '')));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

/** The settings that the console shows, with the secrets in their places, and where the program listens here. */
function settingsFor(
  { issuer }: TestApp,
  application: { id: string; secret: string },
  { port, upstream }: { port: number; upstream: number },
): string {
  const redirectUri = `http://localhost:${port}/oauth2/callback`;
  const options = { issuer, clientId: application.id, type: 'web' as const, redirectUri, scopes: [], claim: 'groups' };
  const { text } = snippetsFor(options).find(({ name }) => name === 'oauth2Proxy')!;
  const shown = text
    .replace('"CLIENT_SECRET"', JSON.stringify(application.secret))
    .replace('"COOKIE_SECRET"', JSON.stringify(randomBytes(32).toString('base64url')));
  return `${shown}http_address = "127.0.0.1:${port}"\nupstreams = ["http://127.0.0.1:${upstream}/"]\n`;
}

async function signIn(browser: PlainBrowser, origin: string, login: string): Promise<Visit> {
  let visit = await browser.open(`${origin}/oauth2/start?rd=/`);
  visit = await browser.press(visit, 'login-submit', { login, password: PASSWORD });
  return visit.html.includes('consent-submit') ? browser.press(visit, 'consent-submit') : visit;
}

async function signOut(browser: PlainBrowser, origin: string, { issuer }: TestApp): Promise<boolean> {
  const visit = await browser.open(`${origin}/oauth2/sign_out?rd=${encodeURIComponent(`${issuer}/session/end`)}`);
  await browser.press(visit, 'logout-yes');
  return (await browser.open(`${origin}/oauth2/start?rd=/`)).html.includes('login-submit');
}

/** Signs a user in so many groups in and out again, for each of the counts. */
async function walk(test: TestApp, origin: string, counts: number[]): Promise<Seen[]> {
  const groups = await giveManyGroups(test, { count: Math.max(...counts), userIds: [] });
  const seen: Seen[] = [];
  for (const count of counts) {
    const login = `ada${count}@example.com`;
    const { id } = await giveUser(test, login);
    for (const group of groups.slice(0, count)) await test.app.memberships.add(system, group.id, { userIds: [id] });
    const browser = createPlainBrowser();
    const { html } = await signIn(browser, origin, login);
    const header = JSON.parse(html) as string;
    seen.push({ groups: header.split(',').filter(Boolean), isSignedOut: await signOut(browser, origin, test) });
  }
  return seen;
}

/** Runs `program`, an oauth2-proxy, with the settings of the console in front of an application, and signs users in there. */
export async function runOauth2Proxy(program: string, counts: number[]): Promise<Seen[]> {
  const test = await startApp({ settings: { COHORT_LOG_LEVEL: 'error' } });
  const upstream = await startUpstream();
  const folder = await mkdtemp(join(tmpdir(), 'cohort-oauth2-proxy-'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const application = await giveApplication(test, { redirectUri: `${origin}/oauth2/callback` });
  const file = join(folder, 'oauth2-proxy.cfg');
  await writeFile(file, settingsFor(test, application, { port, upstream: (upstream.address() as AddressInfo).port }));
  const proxy = spawn(program, ['--config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const failed = once(proxy, 'exit').then(([code]) => Promise.reject(new Error(`${program} exited with ${code}`)));
    const isUp = async () => (await fetch(`${origin}/ping`).catch(() => undefined))?.ok === true;
    await Promise.race([until(isUp), failed]);
    return await walk(test, origin, counts);
  } finally {
    proxy.kill();
    upstream.close();
    await rm(folder, { recursive: true });
    await test.tearDown();
  }
}
