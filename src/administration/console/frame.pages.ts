import type { Caller } from '../../platform/http/calls.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import type { Visit } from '../../my-account/visit.pages.ts';
import type { Refusal } from './forms.ts';
import { menuFor, type Section } from './menu.ts';
import { packDeed, unpackDeed, type Undo } from './undo.ts';

/** An administrator at work. */
export interface ConsoleVisit extends Visit, Caller {
  /** Whether the roles come to a scope. */
  can(scope: string): boolean;
}

/**
 * A page of the console. It shows what calls of `/v1` answer and does what they do; it has no rule of its own. Who lacks
 * a scope is turned away before, and would be by the call.
 */
export interface ConsolePage {
  path: `/console${string}`;
  /** The scope that it takes to be shown. */
  scope: string;
  /** The scope that it takes to send its form; the same unless told otherwise. */
  changes?: string;
  show?(visit: ConsoleVisit): Promise<PageReply>;
  submit?(visit: ConsoleVisit): Promise<PageReply>;
  asksAfresh?: 'to-show' | 'to-submit';
  /** Bytes that its form may have, when the common 64 KiB are not enough. */
  bodyLimit?: number;
}

/** One thing, and a page of things, as the API answers them. */
export interface One<T> {
  result: T;
}
export interface Many<T> {
  result: T[];
  next: string | null;
  previous: string | null;
  count?: { value: number; relation: 'exact' | 'at_least' | 'estimated' } | undefined;
}

/** A view under `views/console/` with the menu and whatever was just done. */
export function consoleView(
  { user, actor, request, can }: ConsoleVisit,
  section: Section,
  view: string,
  model: Record<string, unknown>,
): ViewReply {
  const common = { section, menu: menuFor(can), username: user.username, me: actor.id, can };
  const deed = unpackDeed(request.cookies[DEED], pathOf(request.exchange.req.url), request.query['done']);
  return {
    view: `console/${view}`,
    model: { ...common, done: deed?.what, undo: deed?.undo, ...model },
    reader: { locale: user.locale, timeZone: user.zoneinfo },
  };
}

const DEED = 'deed';
const DEED_SECONDS = 600;

const pathOf = (address = '') => address.split('?')[0] ?? '';

/** Back to a page, which says what was done: `console.done.<what>`. With `undo` it offers to take it back. */
export function doneAt(path: string, what: string, undo?: Undo): PageReply {
  const value = packDeed({ path: pathOf(path), what, ...(undo ? { undo } : {}) });
  return {
    redirect: `${path}${path.includes('?') ? '&' : '?'}done=${what}`,
    cookies: { [DEED]: { value, maxAgeSeconds: DEED_SECONDS } },
  };
}

/** The same view for a form that was refused: it says what is wrong. */
export const refusedView = (reply: ViewReply, refusal: Refusal): ViewReply => ({
  ...reply,
  model: { ...reply.model, refusal, faults: refusal.faults },
  status: refusal.status,
});
