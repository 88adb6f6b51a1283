import { collectDefaultMetrics, Counter, Histogram, Registry, type Metric } from 'prom-client';
import type { AnsweredRequest } from './log.ts';

/** What this process counts. */
export interface Metrics {
  registry: Registry;
  /** Counts a request by method, status class and area. */
  record(request: Pick<AnsweredRequest, 'method' | 'status' | 'path' | 'ms'>): void;
  signIns: Counter<'outcome'>;
  tokens: Counter<'grant'>;
  emails: Counter<'outcome'>;
  logouts: Counter<'outcome'>;
  securityEvents: Counter<'outcome'>;
  webhooks: Counter<'outcome'>;
}

// Once in a process: what they observe it with can not be stopped, and an app is made again for each change of the settings.
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

export function createMetrics(): Metrics {
  const registry = new Registry();
  for (const metric of ofProcess.getMetricsAsArray()) registry.registerMetric(metric as unknown as Metric);
  const requests = new Histogram({
    name: 'cohort_http_request_duration_seconds',
    help: 'Duration of requests.',
    labelNames: ['method', 'status', 'area'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const signIns = new Counter({
    name: 'cohort_sign_ins_total',
    help: 'Sign-ins by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const tokens = new Counter({
    name: 'cohort_tokens_total',
    help: 'Token responses by grant type.',
    labelNames: ['grant'],
    registers: [registry],
  });
  const emails = new Counter({
    name: 'cohort_emails_total',
    help: 'Attempts to deliver an email by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });

  const logouts = new Counter({
    name: 'cohort_logout_notices_total',
    help: 'Attempts to deliver a back-channel logout by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });

  const securityEvents = new Counter({
    name: 'cohort_security_events_total',
    help: 'Attempts to push a security event by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });

  const webhooks = new Counter({
    name: 'cohort_webhook_deliveries_total',
    help: 'Attempts to deliver an event to a webhook by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });

  const record: Metrics['record'] = ({ method, status, path, ms }) =>
    requests.observe({ method, status: `${Math.floor(status / 100)}xx`, area: areaOf(path) }, ms / 1000);

  return { registry, record, signIns, tokens, emails, logouts, securityEvents, webhooks };
}

const AREAS = new Set([
  'v1',
  'auth',
  'token',
  'me',
  'jwks',
  'interaction',
  'session',
  'device',
  'reg',
  'request',
  'assets',
  'setup',
  '.well-known',
]);

// Few and fixed: labels made from user input would grow without bound.
function areaOf(path: string): string {
  const first = path.split('/')[1] ?? '';
  return AREAS.has(first) ? first : 'other';
}
