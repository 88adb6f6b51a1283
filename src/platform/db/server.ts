/** A database that can be connected to. */
export interface DatabaseServer {
  /** a MongoDB connection string: MONGODB_URI as it stands, or one that names the database and the replica set */
  uri: string;
  /** where the server came from, in a few words */
  source: string;
  /** Whether a server that this start has started is down, and starting it again has failed several times. */
  isLost: () => boolean;
  /** Stops what this start has started: nothing, when it was given or joined a server. */
  stop: () => Promise<void>;
}

/** Where the embedded server comes from and where it keeps its data. */
export interface EmbeddedServerOptions {
  /** MONGOD_BINARY: when set, this one or none */
  binary?: string | undefined;
  /** the PATH to look on, for `mongod` and for pip */
  path: string;
  /** the environment of child processes */
  env: Record<string, string | undefined>;
  /** where a fetched server is kept between starts */
  cacheDir: string;
  /** a mirror of MongoDB's download site; the site itself when undefined */
  downloadSite?: string | undefined;
  /** the database files go in `mongodb` in here, beside the server's record and log */
  dataDir: string;
  /** the database that `uri` will name */
  databaseName: string;
  /** the server's cache in gibibytes, 0.25 or more; 0.5 when undefined */
  cacheSizeGb?: number | undefined;
  /** told which database serves, and before something is fetched, which can take a minute */
  say: (line: string) => void;
}

/**
 * No database server can be had: none was found or fetched, or the one that was
 * found did not start. `message` is written for the operator.
 */
export class DatabaseServerUnavailable extends Error {
  override name = 'DatabaseServerUnavailable';
}
