/**
 * Run as a process of its own: `node watch-owner.ts <pid of mongod> <dbpath>`. It
 * stops the server as soon as its standard input closes, which it does when the
 * owner ends, even by kill -9; without this the server would run on for ever.
 * A pipe needs no polling and cannot mistake another process for the owner.
 */
import { once } from 'node:events';
import { stopMongod } from './mongod-process.ts';

const [pid, dbPath] = process.argv.slice(2);

await once(process.stdin.resume(), 'close');
if (dbPath !== undefined) await stopMongod(Number(pid), dbPath);
