import type { Registry } from 'prom-client';
import type { Environment } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { ChangeRelay, ChangeSource } from '../platform/db/change-source.ts';
import type { EncryptionKey } from '../platform/encryption.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import type { Log } from '../platform/http/log.ts';

export interface AppOptions {
  config: Config;
  /** The database, whichever way it came to be. */
  uri: string;
  encryptionKeys: EncryptionKey[];
  log: Log;
  /** What the operator has set, which no administrator changes. */
  environment?: Environment;
  /** Called when administrators may have changed settings; what is built stays as it is. */
  onSettings?: () => void;
  /** Where a worker hears of changes, in place of a change stream of its own. */
  changeSource?(): ChangeSource;
  /** Told of all changes, for workers. */
  changeRelay?: ChangeRelay | undefined;
  now?: Clock;
  newId?: NewId;
  /** Given this process's metrics, how to collect those of all processes that share the port; by default only its own are shown. */
  collectMetrics?(registry: Registry): () => Promise<string>;
  /** Whether the embedded database is down and cannot be started again. */
  isDatabaseLost?(): boolean | Promise<boolean>;
}
