import type { TestApp } from './app.ts';

export interface ReadEmail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Does what a node does every second: answers what was asked for, and delivers the emails. */
export async function deliverEmails({ app }: TestApp): Promise<void> {
  await app.passwordReset.answerAll();
  await app.registration.answerAll();
  await app.mail.deliverDue();
}

/** The emails to an address in the mailbox for development, the newest first. */
export async function emailsTo(test: TestApp, to: string): Promise<ReadEmail[]> {
  await deliverEmails(test);
  const mailbox = test.app.database.connection.collection<ReadEmail>('mailbox');
  return mailbox.find({ to }, { sort: { postedAt: -1 } }).toArray();
}

/** The path of the newest email's link. */
export async function linkTo(test: TestApp, to: string): Promise<string> {
  const [email] = await emailsTo(test, to);
  return pathIn(test, email?.text ?? '');
}

export function pathIn({ issuer }: TestApp, text: string): string {
  const [, path] = new RegExp(`${issuer}(/(?:recover|register|invitation)/[\\w-]{43})\\s`).exec(text) ?? [];
  if (!path) throw new Error(`There is no link in: ${text}`);
  return path;
}

/** What was noted in the audit log about a user, the oldest first. */
export async function noted({ app }: TestApp, username: string): Promise<string[]> {
  const events = app.database.connection.collection<{ action: string }>('audit_events');
  const found = await events.find({ 'target.name': username }, { sort: { at: 1, _id: 1 } }).toArray();
  return found.map(({ action }) => action);
}
