/** The REST API of the OpenID conformance suite, as far as a run needs it. */
export interface SuiteModule {
  testModule: string;
  variant: Record<string, string>;
}

/** What the suite says about one module: `PASSED`, `WARNING`, `REVIEW`, `SKIPPED`, `FAILED` or, if it did not end, `UNKNOWN`. */
export interface ModuleResult {
  name: string;
  id: string;
  result: string;
  /** The conditions that failed or warned, each with its sentence. */
  complaints: string[];
}

interface Info {
  status: string;
  result?: string;
}

interface LogEntry {
  src?: string;
  msg?: string;
  result?: string;
  requirements?: string[];
}

const LONGEST_MODULE_MS = 240_000;
const POLL_MS = 1000;
const ENDED = ['FINISHED', 'INTERRUPTED'];

export interface SuiteOptions {
  baseUrl: string;
  /** An API token of the suite; not needed in its developer mode. */
  token: string | undefined;
  /** Does what the module asks a person to do before it goes on. */
  beforeStart(testModule: string): Promise<void>;
}

export function createSuite({ baseUrl, token, beforeStart }: SuiteOptions) {
  async function call<Reply>(method: string, path: string, query: Record<string, string> = {}, body?: object) {
    const url = new URL(`/api/${path}`, baseUrl);
    url.search = new URLSearchParams(query).toString();
    const reply = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!reply.ok) throw new Error(`${method} ${url.href} returned ${reply.status}: ${await reply.text()}`);
    return (await reply.json()) as Reply;
  }

  const createPlan = (planName: string, variant: Record<string, string>, configuration: object) =>
    call<{ id: string; modules: SuiteModule[] }>(
      'POST',
      'plan',
      { planName, variant: JSON.stringify(variant) },
      configuration,
    );

  /** Runs one module of a plan to its end, or for four minutes at most. */
  async function run(plan: string, { testModule, variant }: SuiteModule): Promise<ModuleResult> {
    const query = { test: testModule, plan, variant: JSON.stringify(variant) };
    const { id } = await call<{ id: string }>('POST', 'runner', query);
    const deadline = Date.now() + LONGEST_MODULE_MS;
    let info = await call<Info>('GET', `info/${id}`);
    let isStarted = false;
    while (!ENDED.includes(info.status) && Date.now() < deadline) {
      if (info.status === 'CONFIGURED' && !isStarted) {
        isStarted = true;
        await beforeStart(testModule);
        await call('POST', `runner/${id}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      info = await call<Info>('GET', `info/${id}`);
    }
    const result =
      info.status === 'FINISHED' ? (info.result ?? 'UNKNOWN') : `${info.result ?? 'UNKNOWN'} (${info.status})`;
    return { name: testModule, id, result, complaints: await complaintsOf(id) };
  }

  async function complaintsOf(id: string): Promise<string[]> {
    const entries = await call<LogEntry[]>('GET', `log/${id}`);
    return entries
      .filter(({ result }) => result === 'FAILURE' || result === 'WARNING')
      .map(({ src, msg, result, requirements = [] }) => `${result} ${src}: ${msg} ${requirements.join(' ')}`.trim());
  }

  return { createPlan, run };
}
