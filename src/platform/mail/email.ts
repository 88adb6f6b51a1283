import { z } from 'zod';

/** What another room posts: why, to whom, and which template with which model. */
export const letterShape = z.strictObject({
  /** What it is sent for, such as `invitation:4be2eff2574323ce`. The same cause is never posted twice. */
  cause: z.string().min(1).max(500),
  /** One address. Its shape leaves no room for a line break or a second one. */
  to: z.email().max(254),
  /** The templates `views/mail/<view>.html.ejs` and `.text.ejs`, and the texts `mail.<view>` of the catalogue. */
  view: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  /** What the templates get: anything that JSON can hold, one-time links too. */
  model: z.record(z.string(), z.json()),
  /** The language of the page that it comes from; for people without an account, or without a language in their profile. */
  language: z.string().max(35).optional(),
  /** One of many: it waits for every letter that somebody is waiting for. */
  isBulk: z.boolean().default(false),
});

export type Letter = z.input<typeof letterShape>;

/** What is sealed: all that tells what a letter says and where it goes. */
export type Content = Omit<z.output<typeof letterShape>, 'cause' | 'isBulk'>;

/** A letter with its texts, ready to be handed over. */
export interface WrittenLetter {
  id: string;
  /** The same at every attempt, so that whoever gets a letter twice can tell (RFC 5322, section 3.6.4). */
  messageId: string;
  postedAt: Date;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** How letters leave. */
export interface Transport {
  /** @throws LetterRefused when trying again would be of no use, anything else when it may help. */
  send(letter: WrittenLetter, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The mail server will not take this letter, today or tomorrow. */
export class LetterRefused extends Error {
  override name = 'LetterRefused';
}

export interface PostedLetter {
  id: string;
  view: string;
  sealed: string;
  isBulk: boolean;
  postedAt: Date;
}

/** A letter that one node may deliver until its time runs out. */
export interface ClaimedLetter extends PostedLetter {
  /** How often it was claimed, this time included. */
  attempt: number;
}

export type LetterOutcome = 'sent' | 'failed' | 'postponed';

/** Keeps letters until they are delivered, and afterwards the memory that they were posted. */
export interface Outbox {
  /** Joins the caller's transaction. A letter that is there already stays as it is. */
  put(letters: PostedLetter[]): Promise<void>;
  /** The letter that is due the longest, one of many only when no other is due, for this caller alone until `until`. */
  claim(now: Date, until: Date): Promise<ClaimedLetter | undefined>;
  /** Due again at `dueAt`, unless somebody else claimed it meanwhile. */
  postpone(letter: ClaimedLetter, dueAt: Date, reason: string): Promise<void>;
  /** It arrived, whoever delivered it. What it said is removed; that it was posted is remembered until `forgetAt`. */
  sent(letter: ClaimedLetter, forgetAt: Date): Promise<void>;
  /** It never will, unless somebody else claimed it meanwhile. What it said is removed too. */
  failed(letter: ClaimedLetter, forgetAt: Date, reason: string): Promise<void>;
}
