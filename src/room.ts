import type { z } from 'zod';
import type { Actor } from './base/actor.ts';
import type { Touch, Touched } from './base/touch.ts';
import type { ErrorDefinition } from './base/errors.ts';
import type { AcrWish } from './base/assurance.ts';
import type { Group } from './groups/group.ts';
import type { OwnSession, Proof } from './users/proof.ts';
import type { Person } from './users/user.ts';
import type { Application } from './applications/application.ts';
import type { Endpoint } from './http/endpoint.ts';
import type { FormPage, PageCookie } from './http/form-page.ts';

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
  work?: Work[];
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

/**
 * A job type for `POST /v1/jobs`. A job consists of steps, and each step is one transaction with the record of the
 * progress: after a crash, another node continues after the last step that counted, so that nothing is done twice.
 * `work` creates one and ties its types together.
 */
export interface Work {
  kind: string;
  summary: string;
  /** What an order of this kind must say besides its kind. */
  input: z.ZodObject;
  /** Scopes of the admin API that every order needs besides `jobs:write`. */
  scopes: string[];
  /** Those that an order needs because of what it says. */
  scopesFor?(input: never): string[];
  /** Ordered by an endpoint of its own and not by `POST /v1/jobs`. */
  hasOwnEndpoint?: true;
  /** The errors that `check` throws. */
  errors: ErrorDefinition[];
  /** Looks at the order before it is accepted. @throws CohortError for the caller. */
  check?(order: WorkOrder<never>): Promise<void>;
  step(order: WorkOrder<never>, checkpoint: unknown): Promise<WorkStep>;
}

/** A job as its kind sees it. */
export interface WorkOrder<Input> {
  jobId: string;
  input: Input;
  /** The actor who started the job and in whose name it runs. */
  actor: Actor;
}

/** What one step came to. */
export interface WorkStep {
  /** Handed to the next step; any JSON value. */
  checkpoint: unknown;
  /** How many items there are in all, as soon as it is known. */
  total?: number;
  /** How many items this step went through, and what became of them, by outcome. */
  done: number;
  outcomes: Record<string, number>;
  failures: WorkFailure[];
  isLast: boolean;
  /** With the last step: why the work as a whole has failed. */
  error?: { code: string; detail: string };
}

/** An item that could not be done, and why. */
export interface WorkFailure {
  /** What the caller knows it by: a username, or a line of a file. */
  item: string;
  code: string;
  detail: string;
}

/** Declares a kind of work; the types of what its functions get follow from its input and its checkpoint. */
export function work<Input extends z.ZodObject, Checkpoint = undefined>(spec: {
  kind: string;
  summary: string;
  input: Input;
  scopes: string[];
  scopesFor?(input: z.output<Input>): string[];
  hasOwnEndpoint?: true;
  errors?: ErrorDefinition[];
  check?(order: WorkOrder<z.output<Input>>): Promise<void>;
  step(order: WorkOrder<z.output<Input>>, checkpoint: Checkpoint | undefined): Promise<WorkStep>;
}): Work {
  // The runner parses the input with the shape and passes each step only what the previous step returned.
  return { errors: [], ...spec };
}
