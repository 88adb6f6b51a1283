import { isDeepStrictEqual } from 'node:util';
import { loadConfig, type Environment } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { createApp, type App } from './app.ts';
import type { AppOptions } from './options.ts';
import { connect } from '../platform/db/connection.mongo.ts';
import { createSettingStore } from '../administration/settings/stored-settings.mongo.ts';

export interface RenewalOptions extends Omit<AppOptions, 'config' | 'onSettings'> {
  environment: Environment;
  withTasks?: boolean;
}

/** An app that is built again when administrators change settings, on the same socket and without losing a request. */
export interface KeptApp {
  /** The one that answers now. */
  readonly app: App;
  stop(): Promise<void>;
}

/**
 * What applies before there is an app: the environment, and then what administrators have stored.
 * @throws ConfigurationFaulty
 */
export async function readConfig({ environment, uri }: Pick<RenewalOptions, 'environment' | 'uri'>) {
  const { connection, close } = await connect(uri);
  try {
    return loadConfig(environment, await createSettingStore(connection).read());
  } finally {
    await close();
  }
}

/** Builds the app and starts it. */
export async function keepApp({ withTasks = true, ...given }: RenewalOptions): Promise<KeptApp> {
  const { environment, log } = given;
  let config = await readConfig(given);
  let isStopping = false;
  let app!: App;
  const retiring = new Set<Promise<void>>();

  const open = async (settings: Config): Promise<App> => {
    const opened = await createApp({ ...given, config: settings, environment, onSettings });
    try {
      await opened.start({ withTasks });
    } catch (error) {
      await opened.stop();
      throw error;
    }
    return opened;
  };

  // Changes during the start of the first app wait for it.
  let renewing = open(config).then((opened) => {
    app = opened;
  });
  await renewing;

  /** One after the other; the next one finds changes that arrive in the meantime. */
  function onSettings(): void {
    renewing = renewing
      .then(renew)
      .catch((error: unknown) => log.error({ err: error }, 'failed to apply changed settings'));
  }

  async function renew(): Promise<void> {
    const wanted = loadConfig(environment, await app.storedSettings());
    if (isStopping || isDeepStrictEqual(wanted, config)) return;
    const previous = app;
    const next = await open(wanted);
    next.http.takeOver(previous.http);
    app = next;
    config = wanted;
    retire(previous);
  }

  /** It answers what it has begun, and then goes. */
  function retire({ stop }: App): void {
    const retired = stop().catch((error: unknown) => log.error({ err: error }, 'previous app instance did not stop'));
    retiring.add(retired);
    void retired.then(() => retiring.delete(retired));
  }

  return {
    get app() {
      return app;
    },
    async stop() {
      isStopping = true;
      await renewing;
      await Promise.all([app.stop(), ...retiring]);
    },
  };
}
