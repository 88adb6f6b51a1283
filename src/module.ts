import type { Context, Middleware } from 'koa';
import type { Config } from '../config/schema.ts';
import type { RequestedAcr } from './platform/assurance.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db/connection.mongo.ts';
import type { Encryption } from './platform/encryption.ts';
import type { Endpoint } from './platform/http/endpoint.ts';
import type { FormPage } from './platform/http/form-page.ts';
import type { Log } from './platform/http/log.ts';
import type { Metrics } from './platform/http/metrics.ts';
import type { PageCookie } from './platform/http/page-cookies.ts';
import type { ShowPage } from './platform/http/show-page.ts';
import type { Views } from './platform/http/views.ts';
import type { Languages } from './platform/i18n/languages.ts';
import type { Messages } from './platform/i18n/messages.ts';
import type { Id, NewId } from './platform/ids.ts';
import type { Impact, Ref } from './platform/impact.ts';
import type { JobType } from './platform/jobs/job-type.ts';
import type { ViewModels } from './platform/view-model.ts';
import type { Access } from './directory/access.ts';
import type { Application } from './directory/applications/application.ts';
import type { Group } from './directory/groups/group.ts';
import type { OwnSession, Proof } from './directory/users/proof.ts';
import type { Person } from './directory/users/user.ts';

export type { Access };

/**
 * The contract between the app and its modules. `app.ts` creates each module with the platform and the services it needs;
 * everything else passes through what the module contributes here. A new feature is a new folder and one statement there.
 */
export interface Module {
  name: string;
  /** Scopes of the admin API that this module's endpoints name, each with a description. */
  scopes?: Record<string, string>;
  endpoints?: Endpoint[];
  pages?: FormPage[];
  /** Of views that show more than their page gives them. */
  viewModels?: ViewModels;
  /** Routes besides pages, each for paths of its own. Built after all modules were added. */
  routes?(onDefect: OnDefect): Middleware[];
  claimSources?: ClaimSource[];
  signInSteps?: SignInStep[];
  signInMethods?: SignInMethod[];
  signInLinks?: SignInLink[];
  tasks?: Task[];
  jobTypes?: JobType[];
  /** What an administrator should look at first. */
  warnings?(): Promise<Warning[]>;
  /** Runs in the transaction that deletes a user, group, role or application: delete what this module keeps about it. */
  onDelete?(ref: Ref): Promise<void>;
  /** Runs after users were disabled or deleted, or lost a credential: end what they could still use. */
  onSignOut?(userIds: Id[]): Promise<void>;
  /** Told of each attempt to sign in. */
  onSignIn?(outcome: SignInOutcome): void;
  /** The impact of a change or deletion on this module; for dry runs. */
  impactOf?(ref: Ref): Promise<Impact[]>;
  /** Exactly one module has each of these. */
  access?: Access;
  /** Answers whatever no page and no route answers. */
  fallback?(): Middleware[];
  signOutElsewhere?: SignOutElsewhere;
  returnToSignIn?: ReturnToSignIn;
  /** Called once before the first request, after the indexes stand. */
  start?(): Promise<void>;
  /** Called once after the last request. */
  stop?(): Promise<void>;
}

/** What every module is created with. */
export interface Platform {
  config: Config;
  connection: Database['connection'];
  transact: Database['transact'];
  encryption: Encryption;
  now: Clock;
  newId: NewId;
  log: Log;
  metrics: Metrics;
  views: Views;
  languages: Languages;
  messages: Messages;
  showPage: ShowPage;
  hooks: Hooks;
  contributions: Contributions;
}

/** What a module asks of all others, or of one above it, without naming it. Not before all modules were added. */
export interface Hooks {
  /** Has every module delete what it keeps about something. Joins the caller's transaction. */
  onDelete(ref: Ref): Promise<void>;
  /** Ends every session, token and proof of these users. */
  signOut(userIds: Id[]): Promise<void>;
  signOutElsewhere: SignOutElsewhere;
  onSignIn(outcome: SignInOutcome): void;
  impactOf(ref: Ref): Promise<Impact[]>;
  findWarnings(): Promise<Warning[]>;
  returnToSignIn: ReturnToSignIn;
  access: Access;
}

/** Everything that modules contribute, in the order of the modules. Reading it before all were added throws. */
export interface Contributions {
  /** Every scope of the admin API with its description. */
  readonly scopes: Record<string, string>;
  readonly endpoints: Endpoint[];
  readonly pages: FormPage[];
  readonly viewModels: ViewModels;
  readonly claimSources: ClaimSource[];
  readonly signInSteps: SignInStep[];
  readonly signInMethods: SignInMethod[];
  readonly signInLinks: SignInLink[];
  readonly tasks: Task[];
  readonly jobTypes: JobType[];
}

/** Ends every session, token and proof of a user but one session, which they have just proved again. Joins the caller's transaction. */
export type SignOutElsewhere = (session: Pick<OwnSession, 'userId' | 'uid'>) => Promise<void>;

export type SignInOutcome = 'success' | 'failure' | 'limited';

/** Called for what is not a CohortError. */
export type OnDefect = (error: unknown, ctx: Context) => void;

/** The claims about a user for one granted scope. */
export interface ClaimSource {
  /** What the application will be able to read is said by the text `consent.scopes.<scope>`. */
  scope: string;
  /** By these an application can ask for it in a `claims` parameter; its policy may call them otherwise in the token. */
  claims: string[];
  /** Computed for every token, so that it is never older than the token. */
  read(request: ClaimRequest): Promise<Record<string, unknown>>;
}

/** Whose claims are read, and what by. */
export interface ClaimRequest {
  person: Person;
  application: Application;
  /** The user's groups that the actor may see; for tokens, all of them. */
  visibleGroups?: ((groups: Group[]) => Promise<Group[]>) | undefined;
}

/**
 * Something a user has to do between entering the password and being signed in to an application, such as choosing a
 * new password. Steps never send the browser to one another: each returns to the dispatcher, which asks the next.
 */
export interface SignInStep {
  /** Part of the address of its page, and the name of the provider's prompt. */
  name: string;
  /** Asked at every authorization request and by every page of ours, with the database's present state. */
  isNeeded(situation: SignInSituation): boolean | Promise<boolean>;
  /** The template under `views/`, and the model for it. */
  view: string;
  model(visit: StepVisit): Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Does what the form asks. */
  submit(visit: StepVisit): Promise<StepReply>;
}

/** The state of a sign-in: the user, the application, and the methods (`amr`, RFC 8176) used so far. */
export interface SignInSituation {
  person: Person;
  application: Application | undefined;
  amr: string[];
  /** The requested ACR. */
  requestedAcr: RequestedAcr;
  /** What pages have left in the browser. */
  cookies: Record<string, string>;
}

/** A user on the page of a step. */
export interface StepVisit extends SignInSituation {
  session: OwnSession;
  /** Names this sign-in: what is made for it is good for no other. */
  signInId: string;
  query: Record<string, string>;
  /** Empty when the page is only shown. */
  fields: Record<string, string>;
  address: string;
  userAgent: string;
}

/** What became of a step's form. Without faults, a wait or `more` it is done, and the dispatcher goes on. */
export interface StepReply {
  /** Shown beside their fields. */
  faults?: Record<string, string>;
  /** Seconds to wait after too many attempts. */
  retryAfter?: number;
  /** The step is not complete: show the page again, with this in its model. */
  more?: Record<string, unknown>;
  /** The methods (RFC 8176) that were proved besides those before. */
  proved?: string[];
  cookies?: Record<string, PageCookie>;
  /** To be seen before they go on; the view also gets `continueAt`. */
  finalPage?: { view: string; model: Record<string, unknown> };
}

/** A method of signing in without a password, offered on the sign-in page. */
export interface SignInMethod {
  /** Part of its address, and of the sign-in page's model. */
  name: string;
  model(signInId: string): Promise<unknown>;
  /** The proof, and its methods (RFC 8176); undefined for an answer that is not right. */
  submit(signInId: string, fields: Record<string, string>): Promise<(Proof & { amr: string[] }) | undefined>;
}

/** A page for a user who cannot sign in yet. The sign-in page leads to it and says where from, as `?from=`. */
export interface SignInLink {
  /** The key of its text, `signIn.links.<name>`. */
  name: string;
  path: string;
  /** The value of `prompt` with which an application sends users straight to it. */
  prompt?: string;
}

/**
 * The path at which a user continues after leaving the sign-in: a new authorization request like that of the sign-in
 * that `from` names. With `username`, the field is filled in. Undefined if there is no such sign-in.
 */
export type ReturnToSignIn = (from: string | undefined, username?: string) => Promise<string | undefined>;

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
