import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { freePort } from '../../src/platform/free-port.ts';
import { mongodPath } from './broken-database.ts';
import { newFolder } from './process.ts';

const NAME = 'three';

interface Member {
  port: number;
  child: ChildProcess;
}

const isRunning = ({ child }: Member) => child.exitCode === null && child.signalCode === null;

/** A replica set of three servers, whose primary can be killed or frozen. */
export async function startReplicaSet() {
  const folder = newFolder();
  const program = await mongodPath();
  const members: Member[] = [];
  for (let i = 0; i < 3; i += 1) members.push(await startMember(program, join(folder, String(i))));
  const configuration = {
    _id: NAME,
    members: members.map(({ port }, _id) => ({ _id, host: `127.0.0.1:${port}` })),
    // Short, so that a test need not wait long for the next primary.
    settings: { electionTimeoutMillis: 2000, heartbeatTimeoutSecs: 1 },
  };
  await withClient(members[0]!, (admin) => admin.command({ replSetInitiate: configuration }));

  /** The member that takes writes; waits for an election. */
  async function primary(): Promise<Member> {
    for (let times = 0; times < 300; times += 1) {
      for (const member of members.filter(isRunning)) {
        const hello = await withClient(member, (admin) => admin.command({ hello: 1 })).catch(() => undefined);
        if (hello?.['isWritablePrimary'] === true) return member;
      }
      await pause(100);
    }
    throw new Error('No server became primary.');
  }

  await primary();
  return {
    uri: `mongodb://${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/cohort?replicaSet=${NAME}`,
    primary,
    /** Sends the primary a signal; it may come back as a secondary after SIGCONT. */
    async signalPrimary(signal: NodeJS.Signals): Promise<Member> {
      const member = await primary();
      member.child.kill(signal);
      return member;
    },
    async stop(): Promise<void> {
      await Promise.all(
        members.filter(isRunning).map(({ child }) => {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGKILL');
          return gone;
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startMember(program: string, folder: string): Promise<Member> {
  const port = await freePort();
  mkdirSync(folder);
  const options = ['--replSet', NAME, '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder];
  const child = spawn(program, [...options, '--wiredTigerCacheSizeGB', '0.25'], {
    stdio: 'ignore',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const member = { port, child };
  for (let times = 0; times < 300; times += 1) {
    const isUp = await withClient(member, (admin) => admin.command({ ping: 1 })).catch(() => undefined);
    if (isUp) return member;
    await pause(100);
  }
  throw new Error('A server of the replica set did not start.');
}

async function withClient<T>({ port }: Pick<Member, 'port'>, work: (admin: mongo.Db) => Promise<T>): Promise<T> {
  const client = new mongo.MongoClient(`mongodb://127.0.0.1:${port}/`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1000,
    connectTimeoutMS: 1000,
    socketTimeoutMS: 1000,
  });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}
