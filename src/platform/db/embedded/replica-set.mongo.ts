import mongoose from 'mongoose';
import type { mongo } from 'mongoose';
import { waitUntil } from './waiting.ts';

/** The server's words for "not at this moment": its configuration is still being read or taken. */
const NOT_YET = new Set<unknown>(['NotYetInitialized', 'AlreadyInitialized', 'ConfigurationInProgress']);

/** What a replica set of one needs to take writes. */
export interface ReplicaSetOptions {
  name: string;
  port: number;
  forMs: number;
}

/**
 * Makes the server on a loopback port the writable primary of its replica set of
 * one: initiates the set on new files, and gives it its new address on files that
 * were served at another port before. Rejects when it does not get there in time.
 */
export async function makeWritable({ name, port, forMs }: ReplicaSetOptions): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const client = new mongoose.mongo.MongoClient(`mongodb://${host}/`, {
    directConnection: true,
    serverSelectionTimeoutMS: 10_000,
  });
  try {
    const admin = client.db('admin');
    if (!(await waitUntil(() => isConfigured(admin, { name, host }), forMs)))
      throw new Error('the replica set could not be configured');
    if (!(await waitUntil(() => isWritable(admin), forMs))) throw new Error('it did not become primary');
  } finally {
    await client.close();
  }
}

interface ReplicaSetConfig {
  version: number;
  members: { host: string }[];
}

async function isConfigured(admin: mongo.Db, { name, host }: { name: string; host: string }): Promise<boolean> {
  try {
    const config = await storedConfig(admin);
    if (config === undefined) await admin.command({ replSetInitiate: firstConfig(name, host) });
    else if (config.members[0]?.host !== host) await admin.command(moveTo(host, config));
    return true;
  } catch (error) {
    if (isNotYet(error)) return false;
    throw error;
  }
}

/** The configuration on the database files; undefined on new files, and for a moment while the server reads it. */
async function storedConfig(admin: mongo.Db): Promise<ReplicaSetConfig | undefined> {
  try {
    const reply = await admin.command({ replSetGetConfig: 1 });
    // A cast, because the driver types no command's reply.
    return reply['config'] as ReplicaSetConfig;
  } catch (error) {
    if (isNotYet(error)) return undefined;
    throw error;
  }
}

function firstConfig(name: string, host: string): object {
  return { _id: name, members: [{ _id: 0, host }] };
}

/** By force, because a member that does not find itself in its configuration may not vote for a new one. */
function moveTo(host: string, config: ReplicaSetConfig): object {
  const members = [{ ...config.members[0], host }];
  return { replSetReconfig: { ...config, version: config.version + 1, members }, force: true };
}

async function isWritable(admin: mongo.Db): Promise<boolean> {
  const reply = await admin.command({ hello: 1 });
  return reply['isWritablePrimary'] === true;
}

function isNotYet(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && NOT_YET.has(error.codeName);
}
