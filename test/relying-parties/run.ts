/**
 * Has programs that nobody here wrote read ID tokens of users in no, two and 250 groups: go-oidc and the authenticator of
 * Kubernetes, in Go, and PyJWT. `GO` and `PYTHON` name the programs, which are otherwise looked for on the PATH. With
 * `OAUTH2_PROXY`, the path of an oauth2-proxy, users also sign in to an application that it protects. The last line says how
 * many have passed and failed.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { inspect, isDeepStrictEqual } from 'node:util';
import { system } from '../../src/platform/actor.ts';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { relyingParty } from '../support/relying-party.ts';
import { runOauth2Proxy } from './oauth2-proxy.ts';

const ISSUER = 'https://id.example.com';
const COUNTS = [0, 2, 250];

/** A case, as the programs read it from their standard input. */
interface Case {
  issuer: string;
  origin: string;
  client_id: string;
  claim: string;
  tokens: string[];
}

const groupNames = (count: number) => Array.from({ length: count }, (_, index) => `Crew ${1000 + index}`);

/** Requests for the issuer go to where it listens; it has no TLS of its own. */
function reachAt(origin: string): void {
  const { fetch } = globalThis;
  globalThis.fetch = (address, init) => {
    const { href } = new URL(address instanceof Request ? address.url : address);
    return fetch(href.replace(ISSUER, origin), init);
  };
}

/** An ID token of a user in so many groups, for each of the counts. */
async function idTokens(test: TestApp, application: { id: string; secret: string }): Promise<string[]> {
  const groups = await giveManyGroups(test, { count: Math.max(...COUNTS), userIds: [] });
  const party = await relyingParty(test, application);
  const tokens: string[] = [];
  for (const count of COUNTS) {
    const login = `ada${count}@example.com`;
    const { id } = await giveUser(test, login);
    for (const group of groups.slice(0, count)) await test.app.memberships.add(system, group.id, { userIds: [id] });
    tokens.push((await party.signIn({ login, scope: 'openid groups' })).tokens.id_token!);
  }
  return tokens;
}

async function answerOf([program = '', ...args]: string[], given: Case): Promise<unknown> {
  const child = spawn(program, args, { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
  child.stdin.on('error', () => {}).end(JSON.stringify(given));
  return JSON.parse(await Promise.race([text(child.stdout), failed]));
}

/** The groups of every token, in the order of the tokens, by each reader. */
const readers: Record<string, (given: Case) => Promise<unknown[]>> = {
  async PyJWT(given) {
    return (await answerOf([process.env['PYTHON'] ?? 'python3', 'read_claims.py'], given)) as unknown[];
  },
  async 'go-oidc'(given) {
    return (await readInGo(given)).map(({ go_oidc: groups }) => groups ?? []);
  },
  async Kubernetes(given) {
    return (await readInGo(given)).map(({ kubernetes: groups }) => groups ?? []);
  },
};

type Read = { go_oidc: string[] | null; kubernetes: string[] | null };

async function readInGo(given: Case): Promise<Read[]> {
  return (await answerOf([process.env['GO'] ?? 'go', 'run', '-buildvcs=false', '.'], given)) as Read[];
}

await globalSetup();
const test = await startApp({ settings: { COHORT_ISSUER: ISSUER, COHORT_LOG_LEVEL: 'error' } });
const origin = `http://127.0.0.1:${test.port}`;
reachAt(origin);
const application = await giveApplication(test);
const tokens = await idTokens(test, application);
const given: Case = { issuer: ISSUER, origin, client_id: application.id, claim: 'groups', tokens };
const wanted = COUNTS.map(groupNames);

const results: boolean[] = [];
async function check(title: string, expected: unknown, seeing: Promise<unknown>): Promise<void> {
  const seen = await seeing.catch((error: unknown) => error);
  const isRight = isDeepStrictEqual(seen, expected);
  results.push(isRight);
  process.stdout.write(`${isRight ? 'passed' : 'failed'}: ${title}\n`);
  if (!isRight) process.stdout.write(`${inspect(seen)}\n`);
}

for (const [name, read] of Object.entries(readers))
  await check(`${name} reads ${COUNTS.join(', ')} groups`, wanted, read(given));
const proxy = process.env['OAUTH2_PROXY'];
if (proxy) {
  const title = `oauth2-proxy signs users in ${COUNTS.join(', ')} groups in and out`;
  const expected = wanted.map((groups) => ({ groups, isSignedOut: true }));
  await check(title, expected, runOauth2Proxy(proxy, COUNTS));
}
const failed = results.filter((isRight) => !isRight).length;
process.stdout.write(`Relying parties: ${results.length - failed} passed, ${failed} failed\n`);
await test.tearDown();
await globalTeardown();
process.exit(failed > 0 ? 1 : 0);
