import { Schema } from 'mongoose';
import { tellOwnChanges } from '../../platform/db/own-changes.mongo.ts';
import { sha256 } from '../../platform/ids.ts';
import { onceForEach } from '../../platform/once-for-each.ts';
import type { ProofMark } from '../../directory/users/proof.ts';
import type { LogoutNotice } from '../logout/logout-notice.ts';

/** Sign-ins of a session at applications, by client id. */
type Authorizations = Record<string, { grantId?: string; grantVersion?: number; sid?: string }>;

/** The provider's models and the collections that hold them; clients live with `applications/`. */
export const collections = {
  AccessToken: 'oidc_access_tokens',
  AuthorizationCode: 'oidc_authorization_codes',
  BackchannelAuthenticationRequest: 'oidc_backchannel_authentication_requests',
  ClientCredentials: 'oidc_client_credentials',
  DeviceCode: 'oidc_device_codes',
  Grant: 'oidc_grants',
  InitialAccessToken: 'oidc_initial_access_tokens',
  Interaction: 'oidc_interactions',
  PreAuthorizedCode: 'oidc_pre_authorized_codes',
  PushedAuthorizationRequest: 'oidc_pushed_authorization_requests',
  RefreshToken: 'oidc_refresh_tokens',
  RegistrationAccessToken: 'oidc_registration_access_tokens',
  ReplayDetection: 'oidc_replay_detections',
  Session: 'oidc_sessions',
} as const;

export type ModelName = keyof typeof collections;

/** Fields that are bearer secrets themselves and are read back, so they are encrypted instead of hashed. */
export const SEALED: Partial<Record<ModelName, string[]>> = {
  Session: ['jti'],
  DeviceCode: ['jti', 'userCode'],
  Interaction: ['deviceCode', 'parJti', 'returnTo'],
};

export interface StoredModel {
  _id: string;
  /** JSON text: requests may hold keys that the database would read a meaning into. */
  payload: string;
  encrypted?: string;
  grantId?: string;
  /** Of an interaction: whose proof it holds, or in whose session it was begun. */
  accountId?: string;
  clientId?: string;
  /** Of a session: its own; of an interaction: that of the session it was begun in. */
  uid?: string;
  /** The mark of the proof that it rests on (`users/proof.ts`). */
  proofMark?: ProofMark;
  userCode?: string;
  /** Of a grant: the scopes it allows, so that it can be said who reads a claim. */
  scopes?: string[];
  consumed?: number;
  /** Of a grant or session: counts up with what is in it, but not with its expiry. */
  version?: number;
  expiresAt?: Date;
  /** Of a session: where it was begun and last used, for the user who looks through theirs. */
  device?: { userAgent: string; address: string };
  createdAt?: Date;
  seenAt?: Date;
}

export function schemaOf(name: ModelName): Schema<StoredModel> {
  const schema = new Schema<StoredModel>(
    {
      _id: String,
      payload: String,
      encrypted: String,
      grantId: String,
      accountId: String,
      clientId: String,
      uid: String,
      proofMark: Number,
      userCode: String,
      scopes: { type: [String], default: undefined },
      consumed: Number,
      version: Number,
      device: new Schema({ userAgent: String, address: String }, { _id: false }),
      createdAt: Date,
      seenAt: Date,
      expiresAt: Date,
    },
    { collection: collections[name], versionKey: false, minimize: false },
  );
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  if (name !== 'ReplayDetection') schema.index({ accountId: 1 }, { sparse: true });
  if (name !== 'Session' && name !== 'Interaction' && name !== 'ReplayDetection')
    schema.index({ clientId: 1 }, { sparse: true });
  if (name === 'Grant') schema.index({ scopes: 1, clientId: 1 });
  if (name === 'Session') schema.index({ uid: 1 }, { unique: true, sparse: true });
  if (name === 'DeviceCode') schema.index({ userCode: 1 }, { unique: true, sparse: true });
  tellOwnChanges(schema);
  return schema;
}

// A grant's id is no secret: tokens name it, and nobody can present it.
export function keyOf(name: ModelName, id: string): string {
  if (typeof id !== 'string') throw new TypeError('The id of a stored model must be a string.');
  return name === 'Grant' ? id : sha256(id);
}

export function purposeOf(name: ModelName, key: string): string {
  return `oidc:${name}:${key}`;
}

/** Whether something was found that has not expired, and whose proof of identity still counts. */
export type IsGood = (found: StoredModel | undefined) => Promise<boolean>;

/** The TTL index only tidies up. */
export const isAlive = ({ expiresAt }: StoredModel): boolean => !expiresAt || expiresAt.getTime() > Date.now();

export const versionOf = ({ version = 0 }: StoredModel): number => version;

/** The applications that a session is signed in to. */
export const authorizationsOf = onceForEach(
  ({ payload }: Pick<StoredModel, 'payload'>): Authorizations =>
    (JSON.parse(payload) as { authorizations?: Authorizations }).authorizations ?? {},
);

/** The grants of a session, one for each application. */
export function grantsOf(session: Pick<StoredModel, 'payload'>): string[] {
  return Object.values(authorizationsOf(session)).flatMap(({ grantId }) => grantId ?? []);
}

/** What is to be told when a session ends, to each application. */
export function noticesOf(session: Pick<StoredModel, 'payload' | 'accountId'>): LogoutNotice[] {
  const { accountId: userId } = session;
  if (!userId) return [];
  return Object.entries(authorizationsOf(session)).flatMap(([clientId, { sid }]) =>
    sid ? [{ userId, clientId, sid }] : [],
  );
}
