import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import { noSecret } from './application-rules.ts';
import type { Application } from './application.ts';
import { decryptPreviousSecret, encryptSecret, usesSecret } from './client-metadata.ts';

export interface ClientSecretsOptions {
  encryption: Encryption;
  newSecret(): string;
  now: Clock;
}

/** The secrets of applications: one, and during a rotation two. */
export function createClientSecrets({ encryption, newSecret, now }: ClientSecretsOptions) {
  /**
   * An application with the secret that its way of proving itself needs, or without one. A new secret is known to nobody
   * until it is rotated, unless it is given.
   */
  function withFittingSecret(application: Application, secret?: string): Application {
    const { encryptedSecret, previousSecret: _previous, ...rest } = application;
    if (!usesSecret(application.metadata)) return rest;
    if (encryptedSecret) return application;
    return { ...rest, encryptedSecret: encryptSecret(encryption, application.id, secret ?? newSecret()) };
  }

  /** The old secret stops working at once, or after `previousValidSeconds`. @throws NoSecret */
  function rotate(application: Application, secret: string, previousValidSeconds: number): Application {
    const { previousSecret: _previous, ...rest } = application;
    const { id, encryptedSecret: encrypted } = application;
    if (!encrypted) throw noSecret(application);
    const expiresAt = new Date(now().getTime() + previousValidSeconds * 1000);
    return {
      ...rest,
      encryptedSecret: encryptSecret(encryption, id, secret),
      ...(previousValidSeconds > 0 ? { previousSecret: { encrypted, expiresAt } } : {}),
    };
  }

  /** The secret before, as long as it is accepted. */
  const previousOf = (application: Application) => decryptPreviousSecret(encryption, application, now());

  return { withFittingSecret, rotate, previousOf };
}
