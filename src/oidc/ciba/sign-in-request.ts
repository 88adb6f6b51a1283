import { defineError } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';

/** What an application asks a user to approve on another device (OpenID Connect CIBA Core 1.0). */
export interface SignInRequest {
  id: Id;
  userId: Id;
  clientId: string;
  /** `auth_req_id`, with which the application fetches its tokens. */
  authReqId: string;
  /** What the device shows on which the user is signing in, so that they can compare. */
  bindingMessage?: string;
  scopes: string[];
  askedAt: Date;
  expiresAt: Date;
}

export interface SignInRequestStore {
  insert(request: SignInRequest): Promise<void>;
  /** Those that are open, the newest first. */
  list(userId: Id, at: Date): Promise<SignInRequest[]>;
  /** For exactly one caller, who answers it. */
  take(userId: Id, id: Id, at: Date): Promise<SignInRequest | undefined>;
  countOpen(userId: Id, at: Date): Promise<number>;
  removeOfUser(userId: Id): Promise<void>;
  removeOfApplication(clientId: string): Promise<void>;
}

export const SignInRequestGone = defineError(
  'missing',
  'sign_in_request_gone',
  'This request was answered already, or has expired.',
);

/** A user who is asked more often than this at once approves the wrong one, or gives up reading. */
export const MOST_OPEN = 5;
