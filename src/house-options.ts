import type { Registry } from 'prom-client';
import type { Environment } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { SealingKey } from './base/boxes.ts';
import type { Clock } from './base/clock.ts';
import type { NewId } from './base/ids.ts';
import type { Log } from './http/log.ts';

export interface HouseOptions {
  config: Config;
  /** The database, whichever way it came to be. */
  uri: string;
  sealingKeys: SealingKey[];
  log: Log;
  /** What the operator has set, which no administrator changes. */
  environment?: Environment;
  /** Called when administrators may have changed settings; what is built stays as it is. */
  onSettings?: () => void;
  now?: Clock;
  newId?: NewId;
  /** Given this process's metrics, how to collect those of all processes that share the port; by default only its own are shown. */
  collectMetrics?(registry: Registry): () => Promise<string>;
  /** Whether the embedded database is down and cannot be started again. */
  isDatabaseLost?(): boolean | Promise<boolean>;
}
