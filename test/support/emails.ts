import type { TestHouse } from './app.ts';

export interface ReadLetter {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Does what a node does every second: answers what was asked for, and delivers the letters. */
export async function deliverLetters({ house }: TestHouse): Promise<void> {
  await house.waysIn.recovery.answerAll();
  await house.waysIn.registration.answerAll();
  await house.mail.deliverDue();
}

/** The letters to an address in the mailbox for development, the newest first. */
export async function lettersTo(test: TestHouse, to: string): Promise<ReadLetter[]> {
  await deliverLetters(test);
  const mailbox = test.house.database.connection.collection<ReadLetter>('mailbox');
  return mailbox.find({ to }, { sort: { postedAt: -1 } }).toArray();
}

/** The path of the newest letter's link. */
export async function linkTo(test: TestHouse, to: string): Promise<string> {
  const [letter] = await lettersTo(test, to);
  return pathIn(test, letter?.text ?? '');
}

export function pathIn({ issuer }: TestHouse, text: string): string {
  const [, path] = new RegExp(`${issuer}(/(?:recover|register|invitation)/[\\w-]{43})\\s`).exec(text) ?? [];
  if (!path) throw new Error(`There is no link in: ${text}`);
  return path;
}

/** What was noted in the audit log about a person, the oldest first. */
export async function noted({ house }: TestHouse, username: string): Promise<string[]> {
  const events = house.database.connection.collection<{ action: string }>('audit_events');
  const found = await events.find({ 'target.name': username }, { sort: { at: 1, _id: 1 } }).toArray();
  return found.map(({ action }) => action);
}
