import { memoryOf, type Memory } from './processes.ts';

/** What a server tells the bench as soon as it answers requests. */
export interface Ready {
  origin: string;
  /** The process of the database, whose time is counted separately. */
  databasePid?: number;
  /** What it is, in a few words, for the header of the report. */
  about: string;
}

/** What the database was asked to do and had to look at for it, since it was started. */
export interface DatabaseCounts {
  /** Commands, by name. */
  commands: Record<string, number>;
  /** Entries of indexes and documents that were looked at. */
  keys: number;
  documents: number;
}

export const NOTHING_COUNTED: DatabaseCounts = { commands: {}, keys: 0, documents: 0 };

/** What a server has used up since it was started, and the memory that it has now. */
export interface Usage extends DatabaseCounts, Memory {
  /** Milliseconds of all its threads, in user mode and in the kernel. */
  cpuMs: number;
}

/** What the bench wants of a server: its usage, or one of its orders done. */
export interface Wanted {
  id: number;
  order: string;
}

export interface Done {
  id: number;
  answer?: unknown;
  failure?: string;
}

export interface ChildOptions {
  ready: Ready;
  count?(): Promise<DatabaseCounts>;
  /** What can be ordered besides the usage, by name. */
  orders?: Record<string, () => Promise<unknown>>;
  stop(): Promise<void>;
}

/** Makes this process a server of the bench: it says that it is ready, does what it is told, and ends with the bench. */
export function serveBench({ ready, count = async () => NOTHING_COUNTED, orders = {}, stop }: ChildOptions): void {
  const end = () => void stop().finally(() => process.exit());

  async function usage(): Promise<Usage> {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, ...memoryOf(process.pid), ...(await count()) };
  }

  async function carryOut({ id, order }: Wanted): Promise<Done> {
    try {
      return { id, answer: await (order === USAGE ? usage() : orders[order]!()) };
    } catch (error) {
      return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }

  // A cast, because both ends of the channel are in this folder.
  process.on('message', (message) => void carryOut(message as Wanted).then((done) => tell(done)));
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  // Ctrl-C reaches the whole group; the bench decides when its servers stop.
  process.on('SIGINT', () => {});
  tell(ready);
}

export const USAGE = 'usage';

/** An argument of a Cohort. */
export const WITH_TASKS = '--with-tasks';

/** An order that a Cohort answers with its vitals. */
export const VITALS = 'vitals';

function tell(message: Ready | Done): void {
  process.send!(message);
}
