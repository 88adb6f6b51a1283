import type { Person } from './users/user.ts';
import type { Application } from './applications/application.ts';
import type { Endpoint } from './http/endpoint.ts';
import type { FormPage } from './http/form-page.ts';

/**
 * The sockets a room may fill. `app.ts` plugs every room in by them and knows nothing else about it, so a new feature is
 * a new folder and one line there.
 */
export interface Room {
  name: string;
  /** Scopes of the admin API that this room's endpoints name, each with one sentence. */
  scopes?: Record<string, string>;
  endpoints?: Endpoint[];
  claims?: ClaimSource[];
  signInSteps?: SignInStep[];
  pages?: FormPage[];
  jobs?: Job[];
  /** Called in the transaction that removes a person: remove everything of theirs that this room keeps. */
  removePerson?(userId: string): Promise<void>;
  /** Called after a person was disabled, removed, or lost a credential: end what they have open. */
  signOutPerson?(userId: string): Promise<void>;
  /** Called once before the first request, after the indexes stand. */
  start?(): Promise<void>;
  /** Called once after the last request. */
  stop?(): Promise<void>;
}

/** Where a claim is going: the four places where an application can read about a person. */
export type ClaimUse = 'id_token' | 'userinfo' | 'access_token' | 'introspection';

/** Says what tokens may tell about a person when one scope was granted. */
export interface ClaimSource {
  scope: string;
  /** One sentence for the consent page: what the application will be able to read. */
  consent: string;
  claims: string[];
  /** Worked out anew for every token, so that it is never older than the token. */
  read(request: { person: Person; application: Application; use: ClaimUse }): Promise<Record<string, unknown>>;
}

/**
 * Something a person has to do between giving their password and being signed in to an application, such as choosing a
 * new password. Steps never send the browser to one another: each returns to the dispatcher, which asks the next.
 */
export interface SignInStep {
  /** Part of the address of its page, and the name of the provider's prompt. */
  name: string;
  /** Asked at every authorization request, with the database's present state. */
  isNeeded(person: Person): boolean | Promise<boolean>;
  /** The template under `views/`, and the model for it. */
  view: string;
  model(person: Person): Record<string, unknown>;
  /** Does what the form asks. Faults are shown beside their fields; without any the dispatcher goes on. */
  submit(person: Person, fields: Record<string, string>): Promise<{ faults?: Record<string, string> }>;
}

/** Background work: run by one node at a time, every so often. */
export interface Job {
  name: string;
  everySeconds: number;
  run(): Promise<void>;
}
