/**
 * Runs plans of a conformance suite that is up against a Cohort that is up: `npm run conformance -- basic dynamic`, or all of
 * them. docs/conformance.md says what to start and which variables to set.
 */
import { createCohort } from './cohort.ts';
import { makeClientKey } from './keys.ts';
import { createPages } from './pages.ts';
import { PLANS, type Plan } from './plans.ts';
import { createSuite, type ModuleResult } from './suite.ts';

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}; see docs/conformance.md.`);
  return value;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const issuer = variable('COHORT_ISSUER');
const suiteUrl = variable('SUITE_URL').replace(/\/$/, '');
const cohort = createCohort({ issuer, clientId: variable('CLIENT_ID'), clientSecret: variable('CLIENT_SECRET') });
const suite = createSuite({
  baseUrl: suiteUrl,
  token: process.env['SUITE_TOKEN'],
  async beforeStart(testModule) {
    if (testModule === 'oidcc-server-rotate-keys') await cohort.rotateKeys();
  },
});

/** Applications register themselves with an initial access token (RFC 7591, section 3). */
function registered() {
  const registration = { initial_access_token: variable('REGISTRATION_TOKEN') };
  return {
    fields: {
      client: { client_name: 'Conformance one', ...registration },
      client2: { client_name: 'Conformance two', ...registration },
    },
    remove: async () => {},
  };
}

/** Two applications, each with a key and a certificate. */
async function created(plan: Plan) {
  const alias = `cohort-${process.pid}`;
  const redirectUri = `${suiteUrl}/test/a/${alias}/callback`;
  const make = async (name: string) => {
    const key = await makeClientKey(name);
    return { key, ...(await cohort.addApplication(plan, redirectUri, key)) };
  };
  const made = [await make('one.example.com'), await make('two.example.com')] as const;
  const [first, second] = made.map(({ key, clientId }) => ({
    client: { client_id: clientId, scope: 'openid profile email offline_access', jwks: { keys: [key.privateJwk] } },
    mtls: { cert: key.certificate, key: key.key },
  }));
  return {
    fields: { alias, client: first!.client, mtls: first!.mtls, client2: second!.client, mtls2: second!.mtls },
    async remove() {
      for (const { remove } of made) await remove();
    },
  };
}

async function runPlan(plan: Plan): Promise<ModuleResult[]> {
  const user = await cohort.addUser();
  const clients = plan.clients === 'registered' ? registered() : await created(plan);
  try {
    const { id, modules } = await suite.createPlan(plan.planName, plan.variant, {
      description: 'Cohort',
      server: { discoveryUrl: `${issuer}/.well-known/openid-configuration`, login_hint: user.login },
      resource: { resourceUrl: await cohort.userinfoUrl(plan) },
      ...clients.fields,
      ...createPages({ cohort: issuer, suite: suiteUrl, login: user.login, password: user.password }),
    });
    say(`  ${new URL(`/plan-detail.html?plan=${id}`, suiteUrl).href}`);
    const results: ModuleResult[] = [];
    for (const module of modules) {
      const result = await suite.run(id, module);
      results.push(result);
      say(`  ${result.result.padEnd(8)} ${result.name} ${result.id}`);
      for (const complaint of result.complaints) say(`           ${complaint}`);
    }
    return results;
  } finally {
    await clients.remove();
    await user.remove();
  }
}

/** A module passed as well if it warns, or wants a person to look at a picture. */
function count(results: ModuleResult[]) {
  const skipped = results.filter(({ result }) => result === 'SKIPPED').length;
  const passed = results.filter(({ result }) => ['PASSED', 'WARNING', 'REVIEW'].includes(result)).length;
  return { passed, skipped, failed: results.length - passed - skipped };
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PLANS));
if (unknown) throw new Error(`No plan is called ${unknown}. There are ${Object.keys(PLANS).join(', ')}.`);

let isConformant = true;
for (const name of wanted.length > 0 ? wanted : Object.keys(PLANS)) {
  say(name);
  const { passed, skipped, failed } = count(await runPlan(PLANS[name]!));
  say(`  ${passed} passed, ${skipped} skipped, ${failed} failed`);
  isConformant &&= failed === 0;
}
process.exitCode = isConformant ? 0 : 1;
