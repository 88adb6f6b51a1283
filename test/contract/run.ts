/**
 * Holds a running Cohort against its own OpenAPI document with schemathesis: no answer of 500 or more, none that the
 * document does not promise. `npm run contract -- --max-examples 200` for a long run; what follows `--` goes to
 * schemathesis, which is found on the PATH or by the variable SCHEMATHESIS.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { system } from '../../src/platform/actor.ts';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { giveGroup, giveUser, giveRole, serviceToken, startApp, type TestApp } from '../support/app.ts';

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'ignored_auth',
];

const service = { id: 'contract', secret: 'not-a-secret-but-long-enough-for-one' };

/** Also puts it back: among what the cases delete is the very service that sends them. */
async function ensureService({ app }: TestApp): Promise<void> {
  const known = await app.applications.find(service.id);
  const scopes = Object.keys(app.scopes);
  if (known?.adminScopes.length === scopes.length) return;
  if (known) await app.applications.remove(system, service.id);
  await app.applications.create(
    system,
    {
      client_id: service.id,
      name: 'Contract',
      type: 'service',
      description: '',
      redirect_uris: [],
      post_logout_redirect_uris: [],
      scopes,
      skip_consent: false,
      require_pkce: false,
      requires_second_factor: false,
    },
    service.secret,
  );
}

async function fill(test: TestApp): Promise<void> {
  const ada = await giveUser(test, 'ada@example.com');
  await giveUser(test, 'olive@example.com', { kind: 'administrator' });
  await giveGroup(test, 'Pilots', [ada.id], [(await giveRole(test, 'pilot')).id]);
}

async function schemathesis(issuer: string, token: string, args: string[]): Promise<number> {
  const program = process.env['SCHEMATHESIS'] ?? 'schemathesis';
  const settings = ['--config-file', join(import.meta.dirname, 'schemathesis.toml')];
  const target = ['run', `${issuer}/v1/openapi.json`, '--header', `Authorization: Bearer ${token}`];
  const fixed = ['--checks', CHECKS.join(','), '--request-timeout', '30', '--no-color'];
  const child = spawn(program, [...settings, ...target, ...fixed, ...args], { stdio: 'inherit', cwd: tmpdir() });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

await globalSetup();
// Hours of requests with one token.
const settings = { COHORT_ACCESS_TOKEN_SECONDS: '86400', COHORT_LOG_LEVEL: 'error' };
const test = await startApp({ settings });
await fill(test);
await ensureService(test);
const keepAlive = setInterval(() => void ensureService(test).catch(() => {}), 20);
const token = await serviceToken(test, service, Object.keys(test.app.scopes).join(' '));
process.exitCode = await schemathesis(test.issuer, token, process.argv.slice(2));
clearInterval(keepAlive);
await test.tearDown();
await globalTeardown();
process.exit();
