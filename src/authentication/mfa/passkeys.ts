import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Clock } from '../../platform/clock.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import { markOf, type Proof } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';
import type { ChallengePurpose, Challenges } from './challenges.ts';
import type { Passkey } from './factor.ts';
import { assertionShape, registrationShape } from './passkey-shapes.ts';

const MAX_PASSKEYS = 20;

/** Loaded at its first use: it takes longer than any other package, and 15 MB. */
const loadWebAuthn = () => import('@simplewebauthn/server');

export interface PasskeyStore {
  list(userId: Id): Promise<Passkey[]>;
  findByCredential(credentialId: string): Promise<{ userId: Id; passkey: Passkey } | undefined>;
  /** False when the user has `most` already, or this one. */
  add(userId: Id, passkey: Passkey, most: number): Promise<boolean>;
  /** Notes a use, unless the counter has moved since it was read. */
  noteUse(
    userId: Id,
    passkey: Pick<Passkey, 'id' | 'counter'>,
    after: { counter: number; isBackedUp: boolean; at: Date },
  ): Promise<boolean>;
  rename(userId: Id, id: Id, name: string): Promise<'renamed' | 'unchanged' | 'missing'>;
}

export interface PasskeysOptions {
  store: PasskeyStore;
  challenges: Challenges;
  /** The issuer's origin; passkeys are bound to its host name. */
  issuer: string;
  /** @throws UserNotFound */
  getUser(id: Id): Promise<User>;
  newId: NewId;
  now: Clock;
}

/** A passkey that proved itself. */
export interface Assertion extends Proof {
  /** The authenticator knew its owner: by a finger, a face, a PIN. */
  isVerified: boolean;
}

export type Passkeys = ReturnType<typeof createPasskeys>;

/** Public key credentials (Web Authentication Level 3). `subject` names the sign-in or session that a challenge is bound to. */
export function createPasskeys({ store, challenges, issuer, getUser, newId, now }: PasskeysOptions) {
  const { origin, hostname: rpID } = new URL(issuer);

  /** For `navigator.credentials.create`: a passkey that can sign in alone, and none that they have already. */
  async function registrationOptions(user: User, subject: string) {
    const present = await store.list(user.id);
    const { generateRegistrationOptions } = await loadWebAuthn();
    return generateRegistrationOptions({
      rpName: rpID,
      rpID,
      userName: user.username,
      userDisplayName: [user.firstName, user.lastName].filter(Boolean).join(' ') || user.username,
      userID: new Uint8Array(Buffer.from(user.id)),
      challenge: challenges.make({ ceremony: 'registration', subject }),
      attestationType: 'none',
      excludeCredentials: present.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** A new passkey, to be kept; undefined for an answer that is not right, or a credential that is known already. */
  async function check(subject: string, answer: string, name: string): Promise<Passkey | undefined> {
    const response = parse(registrationShape, answer) as RegistrationResponseJSON | undefined;
    const info = response && (await verifiedRegistration(response, subject));
    if (!info || (await store.findByCredential(info.credential.id))) return undefined;
    const { credential, credentialBackedUp } = info;
    return {
      id: newId(),
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: credential.transports ?? [],
      name,
      isBackedUp: credentialBackedUp,
      createdAt: now(),
    };
  }

  /** False if the user has so many that another one would be a mistake. */
  const keep = (userId: Id, passkey: Passkey): Promise<boolean> => store.add(userId, passkey, MAX_PASSKEYS);

  async function verifiedRegistration(response: RegistrationResponseJSON, subject: string) {
    const { verifyRegistrationResponse } = await loadWebAuthn();
    const challenge = expectChallenge({ ceremony: 'registration', subject });
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
      expectedChallenge: challenge.fits,
    }).catch(refused);
    return registrationInfo && (await challenge.use()) ? registrationInfo : undefined;
  }

  /** For `navigator.credentials.get`. Without a user it names no credentials, and so tells nobody who has any. */
  async function assertionOptions(subject: string, user?: User) {
    const present = user ? await store.list(user.id) : [];
    const { generateAuthenticationOptions } = await loadWebAuthn();
    return generateAuthenticationOptions({
      rpID,
      challenge: challenges.make({ ceremony: 'assertion', subject }),
      userVerification: user ? 'preferred' : 'required',
      ...(user
        ? { allowCredentials: present.map(({ credentialId, transports }) => ({ id: credentialId, transports })) }
        : {}),
    });
  }

  /** Whose passkey answered; undefined for an answer that is not right. Without a user the passkey must know its owner. */
  async function verify(subject: string, answer: string, user?: User): Promise<Assertion | undefined> {
    const response = parse(assertionShape, answer) as AuthenticationResponseJSON | undefined;
    const found = response && (await store.findByCredential(response.id));
    if (!found || (user && found.userId !== user.id)) return undefined;
    const { userId, passkey } = found;
    const { userHandle } = response.response;
    if (userHandle && Buffer.from(userHandle, 'base64url').toString() !== userId) return undefined;
    const mark = markOf(user ?? (await getUser(userId)));
    const info = await verifiedAssertion(response, subject, passkey, user === undefined);
    if (!info) return undefined;
    const after = { counter: info.newCounter, isBackedUp: info.credentialBackedUp, at: now() };
    return (await store.noteUse(userId, passkey, after)) ? { userId, mark, isVerified: info.userVerified } : undefined;
  }

  async function verifiedAssertion(
    response: AuthenticationResponseJSON,
    subject: string,
    passkey: Passkey,
    requireUserVerification: boolean,
  ) {
    const { verifyAuthenticationResponse } = await loadWebAuthn();
    const challenge = expectChallenge({ ceremony: 'assertion', subject });
    const publicKey = new Uint8Array(Buffer.from(passkey.publicKey, 'base64url'));
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification,
      expectedChallenge: challenge.fits,
      credential: { id: passkey.credentialId, publicKey, counter: passkey.counter },
    }).catch(refused);
    return verified && (await challenge.use()) ? authenticationInfo : undefined;
  }

  /** The library hands over the challenge it found. It is used up only by an answer that is right in everything else. */
  function expectChallenge(purpose: ChallengePurpose) {
    let found = '';
    return {
      fits(challenge: string): boolean {
        found = challenge;
        return challenges.fits(purpose, challenge);
      },
      use: () => challenges.use(purpose, found),
    };
  }

  return { registrationOptions, check, keep, assertionOptions, verify, rename: store.rename };
}

// The library throws for every answer that is not right; it talks to nobody, so there is nothing else to throw for.
function refused(): { verified: false; registrationInfo?: undefined; authenticationInfo?: undefined } {
  return { verified: false };
}

function parse(shape: typeof registrationShape | typeof assertionShape, answer: string): unknown {
  try {
    return shape.safeParse(JSON.parse(answer)).data;
  } catch {
    return undefined;
  }
}
