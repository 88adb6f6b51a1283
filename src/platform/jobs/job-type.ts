import type { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { ErrorDefinition } from '../errors.ts';

/**
 * A job type for `POST /v1/jobs`. A job consists of steps, and each step is one transaction with the record of the
 * progress: after a crash, another node continues after the last step that counted, so that nothing is done twice.
 * `defineJobType` creates one and ties its types together.
 */
export interface JobType {
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
  check?(order: JobOrder<never>): Promise<void>;
  step(order: JobOrder<never>, checkpoint: unknown): Promise<JobStep>;
}

/** A job as its kind sees it. */
export interface JobOrder<Input> {
  jobId: string;
  input: Input;
  /** The actor who started the job and in whose name it runs. */
  actor: Actor;
}

/** What one step came to. */
export interface JobStep {
  /** Handed to the next step; any JSON value. */
  checkpoint: unknown;
  /** How many items there are in all, as soon as it is known. */
  total?: number;
  /** How many items this step went through, and what became of them, by outcome. */
  done: number;
  outcomes: Record<string, number>;
  failures: JobFailure[];
  isLast: boolean;
  /** With the last step: why the work as a whole has failed. */
  error?: { code: string; detail: string };
}

/** An item that could not be done, and why. */
export interface JobFailure {
  /** What the caller knows it by: a username, or a line of a file. */
  item: string;
  code: string;
  detail: string;
}

/** Declares a kind of work; the types of what its functions get follow from its input and its checkpoint. */
export function defineJobType<Input extends z.ZodObject, Checkpoint = undefined>(spec: {
  kind: string;
  summary: string;
  input: Input;
  scopes: string[];
  scopesFor?(input: z.output<Input>): string[];
  hasOwnEndpoint?: true;
  errors?: ErrorDefinition[];
  check?(order: JobOrder<z.output<Input>>): Promise<void>;
  step(order: JobOrder<z.output<Input>>, checkpoint: Checkpoint | undefined): Promise<JobStep>;
}): JobType {
  // The runner parses the input with the shape and passes each step only what the previous step returned.
  return { errors: [], ...spec };
}
