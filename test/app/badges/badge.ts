import { z } from 'zod';
import type { Id } from '../../../src/platform/ids.ts';

/** Something to wear: an example of a module, in as few lines as it takes. */
export interface Badge {
  userId: Id;
  title: string;
}

export const badgeShape = z.strictObject({ title: z.string().min(1).max(50) });

export interface BadgeStore {
  find(userId: Id): Promise<Badge | undefined>;
  put(badge: Badge): Promise<void>;
  remove(userId: Id): Promise<void>;
  count(): Promise<number>;
}
