import type { Context, Middleware } from 'koa';
import type { Config } from '../../config/schema.ts';
import type { Clock } from './clock.ts';
import type { Database } from './db/connection.mongo.ts';
import type { Encryption } from './encryption.ts';
import type { PublicDocuments } from './http/documents.ts';
import type { Endpoint } from './http/endpoint.ts';
import type { Fallback } from './http/fallback.ts';
import type { FormPage } from './http/form-page.ts';
import type { Log } from './http/log.ts';
import type { Metrics } from './http/metrics.ts';
import type { ProxyWatch } from './http/proxy-watch.ts';
import type { ShowPage } from './http/show-page.ts';
import type { Views } from './http/views.ts';
import type { Languages } from './i18n/languages.ts';
import type { Messages } from './i18n/messages.ts';
import type { Id, NewId } from './ids.ts';
import type { Impact, Deleted, Ref } from './impact.ts';
import type { JobType } from './jobs/job-type.ts';
import type { Semaphore } from './semaphore.ts';
import type { ViewModels } from './view-model.ts';

/**
 * The part of the contract between the app and its modules that knows no feature. `directory/module.ts` adds what is about
 * users and applications; modules above the platform import that one.
 */
export interface BaseModule {
  name: string;
  /** Scopes of the admin API that this module's endpoints name, each with a description. */
  scopes?: Record<string, string>;
  endpoints?: Endpoint[];
  pages?: FormPage[];
  /** Of views that show more than their page gives them. */
  viewModels?: ViewModels;
  /** By path, the documents that are the same for everyone; they are answered before pages and routes. */
  documents?: PublicDocuments;
  /** Routes besides pages, each for paths of its own. Built after all modules were added. */
  routes?(onDefect: OnDefect): Middleware[];
  tasks?: Task[];
  jobTypes?: JobType[];
  /** What an administrator should look at first. */
  warnings?(): Promise<Warning[]>;
  /** Runs in the transaction that deletes a user, group, role or application: delete what this module keeps about it. */
  onDelete?(deleted: Deleted): Promise<void>;
  /** Runs after users were disabled or deleted, or lost a credential: end what they could still use. */
  onSignOut?(userIds: Id[]): Promise<void>;
  /** The impact of a change or deletion on this module; for dry runs. */
  impactOf?(ref: Ref): Promise<Impact[]>;
  /** Answers whatever no page and no route answers. Exactly one module has it. */
  fallback?(): Fallback;
  /** Called once before the first request, after the indexes stand. */
  start?(): Promise<void>;
  /** Called once after the last request. */
  stop?(): Promise<void>;
}

/** What every module is created with. */
export interface BasePlatform {
  config: Config;
  connection: Database['connection'];
  transact: Database['transact'];
  encryption: Encryption;
  now: Clock;
  newId: NewId;
  log: Log;
  metrics: Metrics;
  /** For what keeps a processor busy for milliseconds. */
  heavyWork: Semaphore;
  proxyWatch: ProxyWatch;
  views: Views;
  languages: Languages;
  messages: Messages;
  showPage: ShowPage;
  hooks: BaseHooks;
  contributions: BaseContributions;
}

/** What a module asks of all others, or of one above it, without naming it. Not before all modules were added. */
export interface BaseHooks {
  /** Has every module delete what it keeps about something. Joins the caller's transaction. */
  onDelete(deleted: Deleted): Promise<void>;
  /** Ends every session, token and proof of these users. */
  signOut(userIds: Id[]): Promise<void>;
  impactOf(ref: Ref): Promise<Impact[]>;
  findWarnings(): Promise<Warning[]>;
}

/** Everything that modules contribute, in the order of the modules. Reading it before all were added throws. */
export interface BaseContributions {
  /** Every scope of the admin API with its description. */
  readonly scopes: Record<string, string>;
  readonly endpoints: Endpoint[];
  readonly pages: FormPage[];
  readonly viewModels: ViewModels;
  readonly tasks: Task[];
  readonly jobTypes: JobType[];
}

/** Called for what is not a CohortError. */
export type OnDefect = (error: unknown, ctx: Context) => void;

/** Something that is not as it should be. */
export interface Warning {
  /** The text is `consoleDashboard.warning.<code>`. */
  code: string;
  /** How many there are of it. */
  count: number;
}

/** Small work on a clock. */
export interface Task {
  name: string;
  everySeconds: number;
  /** Every node does it for itself; otherwise one node at a time does it for all. */
  onEveryNode?: true;
  /** Returns soon after `stopping` is aborted; what is left is done by the next run. */
  run(stopping: AbortSignal): Promise<void>;
}
