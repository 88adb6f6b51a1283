/** What a server tells the bench as soon as it answers requests. */
export interface Ready {
  origin: string;
  /** The process of the database, whose time is counted separately. */
  databasePid?: number;
  /** In a few words, for the header of the report. */
  database?: string;
}

/** What a server has used up since it was started. */
export interface Usage {
  /** Milliseconds of all its threads, in user mode and in the kernel. */
  cpuMs: number;
  /** Commands sent to the database, by name. */
  commands: Record<string, number>;
}

export interface ChildOptions {
  ready: Ready;
  commands?(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** Makes this process a server of the bench: it says that it is ready, tells its usage when asked, and ends with the bench. */
export function serveBench({ ready, commands = async () => ({}), stop }: ChildOptions): void {
  const end = () => void stop().finally(() => process.exit());
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    void commands().then((counts) => tell({ cpuMs: (user + system) / 1000, commands: counts }));
  });
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  // Ctrl-C reaches the whole group; the bench decides when its servers stop.
  process.on('SIGINT', () => {});
  tell(ready);
}

function tell(message: Ready | Usage): void {
  process.send!(message);
}
