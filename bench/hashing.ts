import type { Config } from '../config/schema.ts';

export const describeHashing = ({ argon2MemoryKib, argon2Passes }: Pick<Config, 'argon2MemoryKib' | 'argon2Passes'>) =>
  `passwords with argon2id (${argon2MemoryKib} KiB, ${argon2Passes} passes)`;
