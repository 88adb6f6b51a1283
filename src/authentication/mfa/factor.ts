import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { isPlainText } from '../../../config/plain-text.ts';

/** The MFA factors of a user. */
export interface Held {
  totp?: HeldTotp | undefined;
  passkeys: Passkey[];
  recoveryCodes?: RecoveryCodes | undefined;
}

/** An authenticator app (RFC 6238). */
export interface HeldTotp {
  createdAt: Date;
  lastUsedAt?: Date | undefined;
}

/** A public key credential (Web Authentication Level 3). */
export interface Passkey {
  id: Id;
  /** What the browser knows it by, base64url. */
  credentialId: string;
  publicKey: string;
  /** How often it signed, as far as it counts. */
  counter: number;
  transports: string[];
  /** Chosen by its owner. */
  name: string;
  /** It is synced to other devices. */
  isBackedUp: boolean;
  createdAt: Date;
  lastUsedAt?: Date | undefined;
}

export interface RecoveryCodes {
  left: number;
  createdAt: Date;
}

export const KINDS = ['totp', 'passkey', 'recovery_codes'] as const;
export type FactorKind = (typeof KINDS)[number];

export const FactorNotFound = defineError('missing', 'factor_not_found', 'The user does not have this factor.');
/** The authenticator app was enrolled in another window in the meantime. */
export const TotpAlreadyEnrolled = defineError(
  'conflict',
  'totp_already_enrolled',
  'The user already has an authenticator app.',
);

/** Recovery codes alone are not a factor; they replace one. */
export const hasFactor = ({ totp, passkeys }: Held): boolean => totp !== undefined || passkeys.length > 0;

export const passkeyNameShape = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine(isPlainText)
  .transform((name) => name.normalize('NFC'));

/** There is one of each of these at most, so its kind is its id. */
export const factorIdShape = z.union([z.enum(['totp', 'recovery_codes']), idShape]);

export const factorReply = z
  .strictObject({
    factor_id: z.string().meta({ description: '`totp`, `recovery_codes`, or the ID of a passkey.' }),
    kind: z.enum(KINDS),
    name: z.string().nullable().meta({ description: 'Name of the passkey, chosen by the user.' }),
    is_backed_up: z.boolean().nullable().meta({ description: 'Whether the passkey is synced to other devices.' }),
    codes_left: z.number().int().nullable().meta({ description: 'Number of unused recovery codes.' }),
    created_at: z.number().int(),
    last_used_at: z.number().int().nullable(),
  })
  .meta({ id: 'Factor' });

export type PresentedFactor = z.input<typeof factorReply>;

const times = ({ createdAt, lastUsedAt }: { createdAt: Date; lastUsedAt?: Date | undefined }) => ({
  created_at: unixSeconds(createdAt),
  last_used_at: lastUsedAt ? unixSeconds(lastUsedAt) : null,
});

const NOTHING_MORE = { name: null, is_backed_up: null, codes_left: null };

/** Everything but what it is proved with. */
export function presentFactors({ totp, passkeys, recoveryCodes }: Held): PresentedFactor[] {
  return [
    ...(totp ? [{ factor_id: 'totp', kind: 'totp' as const, ...NOTHING_MORE, ...times(totp) }] : []),
    ...passkeys.map((passkey) => ({
      factor_id: passkey.id,
      kind: 'passkey' as const,
      ...NOTHING_MORE,
      ...times(passkey),
      name: passkey.name,
      is_backed_up: passkey.isBackedUp,
    })),
    ...(recoveryCodes
      ? [
          {
            factor_id: 'recovery_codes',
            kind: 'recovery_codes' as const,
            ...NOTHING_MORE,
            ...times(recoveryCodes),
            codes_left: recoveryCodes.left,
          },
        ]
      : []),
  ];
}

export interface HeldStore {
  find(userId: Id): Promise<Held>;
  /** As of at most a second ago. */
  findKnown(userId: Id): Promise<Held>;
  /** Takes one of them away. False when it is not there. */
  remove(userId: Id, factorId: string): Promise<boolean>;
  removeAll(userId: Id): Promise<void>;
}
