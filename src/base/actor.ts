/** Who does something: a service with a token, a person in a session, or Cohort itself. */
export interface Actor {
  kind: 'service' | 'person' | 'system';
  /** The client id, the user id, or `cohort`. */
  id: string;
  name: string;
  /** What a service's token allows; empty for the others, whose rights come from elsewhere. */
  scopes: ReadonlySet<string>;
  /** The network address the request came from. */
  address?: string;
}

/** Cohort acting by itself: first start, command line, chores. */
export const system: Actor = { kind: 'system', id: 'cohort', name: 'Cohort', scopes: new Set() };
