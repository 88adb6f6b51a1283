import type { Touch, Touched } from './platform/impact.ts';
import type { JobType } from './platform/jobs/job-type.ts';
import type { AcrWish } from './platform/assurance.ts';
import type { Group } from './directory/groups/group.ts';
import type { OwnSession, Proof } from './directory/users/proof.ts';
import type { Person } from './directory/users/user.ts';
import type { Application } from './directory/applications/application.ts';
import type { Endpoint } from './platform/http/endpoint.ts';
import type { FormPage } from './platform/http/form-page.ts';
import type { PageCookie } from './platform/http/page-cookies.ts';

/**
 * The extension points. `app.ts` connects every module through them and knows nothing else about it, so a new feature is
 * a new folder and one line there.
 */
export interface Room {
  name: string;
  /** Scopes of the admin API that this module's endpoints name, each with a description. */
  scopes?: Record<string, string>;
  endpoints?: Endpoint[];
  claims?: ClaimSource[];
  signInSteps?: SignInStep[];
  signInWays?: SignInWay[];
  detours?: Detour[];
  pages?: FormPage[];
  chores?: Chore[];
  /** Job types. */
  work?: JobType[];
  /** Called in the transaction that deletes a user: delete all data of the user in this module. */
  removePerson?(userId: string): Promise<void>;
  /** Called after users were disabled or deleted, or lost a credential: end their sessions. */
  signOutPeople?(userIds: string[]): Promise<void>;
  /** The impact of a change or deletion on this module; for dry runs. */
  touches?(thing: Touched): Promise<Touch[]>;
  /** What an administrator should look at first. */
  problems?(): Promise<Problem[]>;
  /** Called once before the first request, after the indexes stand. */
  start?(): Promise<void>;
  /** Called once after the last request. */
  stop?(): Promise<void>;
}

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
  wish: AcrWish;
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
  farewell?: { view: string; model: Record<string, unknown> };
}

/** A way to sign in without a password, offered on the sign-in page. */
export interface SignInWay {
  /** Part of its address, and of the sign-in page's model. */
  name: string;
  model(signInId: string): Promise<unknown>;
  /** The proof, and its methods (RFC 8176); undefined for an answer that is not right. */
  submit(signInId: string, fields: Record<string, string>): Promise<(Proof & { amr: string[] }) | undefined>;
}

/** A page for a user who cannot sign in yet. The sign-in page leads to it and says where from, as `?from=`. */
export interface Detour {
  /** The key of its text, `signIn.detours.<name>`. */
  name: string;
  path: string;
  /** The value of `prompt` with which an application sends users straight to it. */
  prompt?: string;
}

/**
 * The path at which a user continues after leaving the sign-in: a new authorization request like that of the sign-in
 * that `from` names. With `username`, the field is filled in. Undefined if there is no such sign-in.
 */
export type WayBack = (from: string | undefined, username?: string) => Promise<string | undefined>;

/** Something that is not as it should be. */
export interface Problem {
  /** `console.problems.<code>` has its sentence. */
  code: string;
  /** How many there are of it. */
  count: number;
}

/** Small work on a clock. */
export interface Chore {
  name: string;
  everySeconds: number;
  /** Every node does it for itself; otherwise one node at a time does it for all. */
  onEveryNode?: true;
  /** Returns soon after `stopping` is aborted; what is left is done by the next run. */
  run(stopping: AbortSignal): Promise<void>;
}
