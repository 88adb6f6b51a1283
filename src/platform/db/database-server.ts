import { DatabaseServerUnavailable, type DatabaseServer, type EmbeddedServerOptions } from './server.ts';

export { DatabaseServerUnavailable, type DatabaseServer } from './server.ts';

export interface DatabaseServerOptions extends EmbeddedServerOptions {
  /** MONGODB_URI: used as it is, nothing is started */
  uri?: string | undefined;
}

/**
 * Gives a database server to connect to, and says in one line which: the one at `uri`, or the embedded one, which is for
 * evaluation. A start with `uri` loads no code of the embedded server, which production leaves out.
 * @throws DatabaseServerUnavailable when none can be had
 */
export async function startDatabaseServer({ uri, ...options }: DatabaseServerOptions): Promise<DatabaseServer> {
  if (uri === undefined) return startEmbedded(options);
  options.say('Database: the server in MONGODB_URI.');
  return { uri, source: 'MONGODB_URI', isLost: () => false, stop: async () => undefined };
}

async function startEmbedded(options: EmbeddedServerOptions): Promise<DatabaseServer> {
  const { startEmbeddedServer } = await import('./embedded/embedded-server.ts').catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new DatabaseServerUnavailable(
      'This installation contains no embedded MongoDB, which is for evaluation only: set MONGODB_URI to a replica set.',
    );
  });
  return startEmbeddedServer(options);
}
