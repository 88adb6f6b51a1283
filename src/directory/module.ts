import type { RequestedAcr } from '../platform/assurance.ts';
import type { Access } from '../platform/http/authorization.ts';
import type { PageCookie } from '../platform/http/page-cookies.ts';
import type { BaseContributions, BaseHooks, BaseModule, BasePlatform } from '../platform/module.ts';
import type { Application, ClientMetadata } from './applications/application.ts';
import type { Group } from './groups/group.ts';
import type { OwnSession, Proof } from './users/proof.ts';
import type { User } from './users/user.ts';

export type { OnDefect, Task, Warning } from '../platform/module.ts';
export type { Access };

/**
 * The contract between the app and its modules. `app.ts` creates each module with the platform and the services it needs;
 * everything else passes through what the module contributes here. A new feature is a new folder and one statement there.
 */
export interface Module extends BaseModule {
  claimSources?: ClaimSource[];
  signInSteps?: SignInStep[];
  signInMethods?: SignInMethod[];
  signInLinks?: SignInLink[];
  /** Told of each attempt to sign in. */
  onSignIn?(outcome: SignInOutcome): void;
  /** Exactly one module has each of these. */
  access?: Access;
  signOutElsewhere?: SignOutElsewhere;
  faultOfClient?: FaultOfClient;
  returnToSignIn?: ReturnToSignIn;
}

/** What every module above the platform is created with. */
export interface Platform extends BasePlatform {
  hooks: Hooks;
  contributions: Contributions;
}

export interface Hooks extends BaseHooks {
  signOutElsewhere: SignOutElsewhere;
  faultOfClient: FaultOfClient;
  onSignIn(outcome: SignInOutcome): void;
  returnToSignIn: ReturnToSignIn;
  access: Access;
}

export interface Contributions extends BaseContributions {
  readonly claimSources: ClaimSource[];
  readonly signInSteps: SignInStep[];
  readonly signInMethods: SignInMethod[];
  readonly signInLinks: SignInLink[];
}

/** Ends every session, token and proof of a user but one session, which they have just proved again. Joins the caller's transaction. */
export type SignOutElsewhere = (session: Pick<OwnSession, 'userId' | 'uid'>) => Promise<void>;

/** Why the provider would not take this as a client, in one sentence; undefined if it would. */
export type FaultOfClient = (metadata: ClientMetadata) => string | undefined;

export type SignInOutcome = 'success' | 'failure' | 'limited';

/** The claims about a user for one granted scope. */
export interface ClaimSource {
  /** What the application will be able to read is said by the text `consent.scopes.<scope>`. */
  scope: string;
  /** By these an application can ask for it in a `claims` parameter; its policy may call them otherwise in the token. */
  claims: string[];
  /** Computed for every token, so that it is never older than the token. */
  read(request: ClaimRequest): Promise<Record<string, unknown>>;
  /** Whether time alone can change what it says about a user; `endsAt` is only asked then. */
  mayEnd?(user: User): boolean;
  /** When the first of the values that `read` answers is no longer true, in Unix milliseconds; Infinity for never. */
  endsAt?(request: ClaimRequest): Promise<number>;
}

/** Whose claims are read, and what by. */
export interface ClaimRequest {
  user: User;
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
  /** What an application hears that asked with `prompt=none`; `interaction_required` if it says nothing. */
  error?: string;
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
  user: User;
  application: Application | undefined;
  amr: string[];
  /** The requested ACR. */
  requestedAcr: RequestedAcr;
  /** What pages have left in the browser. */
  cookies: Record<string, string>;
  /** What is known of the user may be a second old: it is enough to say that nothing is needed, and asked again otherwise. */
  fromMemory?: boolean;
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
