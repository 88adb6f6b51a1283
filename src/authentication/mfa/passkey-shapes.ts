import { z } from 'zod';

/** What a browser posts is long: a credential id has up to 1023 bytes, an attestation some thousands. */
const bytes = z
  .string()
  .regex(/^[A-Za-z0-9_-]*$/)
  .max(20_000);

const common = { id: bytes.min(1).max(1400), rawId: bytes, type: z.literal('public-key') };
const extensions = { clientExtensionResults: z.record(z.string(), z.unknown()).default({}) };

/** `RegistrationResponseJSON` (Web Authentication Level 3, section 5.1.8), as far as it is looked at. */
export const registrationShape = z.object({
  ...common,
  ...extensions,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});

/** `AuthenticationResponseJSON` (the same section). */
export const assertionShape = z.object({
  ...common,
  ...extensions,
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: bytes.max(100).nullish(),
  }),
});
