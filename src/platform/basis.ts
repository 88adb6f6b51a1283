import { AsyncLocalStorage } from 'node:async_hooks';

/** What something was made from: false as soon as any part of it may have changed. */
export type Basis = () => boolean;

/** Of what is being made now. */
interface Notes {
  parts: Basis[];
  isKnown: boolean;
}

const underWay = new AsyncLocalStorage<Notes>();

/**
 * Makes something, and says what it was made from. That is known as long as all of it was in memory: each read from
 * memory calls `restOn`, and each use of the database `restOnDatabase`, which makes it unknown.
 */
export async function withBasis(make: () => Promise<void>): Promise<Basis | undefined> {
  const notes: Notes = { parts: [], isKnown: true };
  await underWay.run(notes, make);
  const { parts, isKnown } = notes;
  return isKnown && parts.length > 0 ? () => parts.every((holds) => holds()) : undefined;
}

/** What is being made rests on this, too. */
export function restOn(holds: Basis): void {
  underWay.getStore()?.parts.push(holds);
}

/** What is being made was read from the database, or has written there. */
export function restOnDatabase(): void {
  const notes = underWay.getStore();
  if (notes) notes.isKnown = false;
}
