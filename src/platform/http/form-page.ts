import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reader } from '../i18n/reader.ts';
import type { PageCookie } from './page-cookies.ts';

/** What a page's handler gets. */
export interface PageRequest {
  params: Record<string, string>;
  query: Record<string, string>;
  /** The posted form; empty for GET. */
  fields: Record<string, string>;
  address: string;
  /** The language that the page is in, as far as the request tells; for the emails that it leads to. */
  language: string;
  /** The browser's name and version, as it says itself. */
  userAgent: string;
  /** What pages have left in this browser, by the name they gave it. */
  cookies: Record<string, string>;
  /** The raw exchange, for the one library that reads its own cookies from it. */
  exchange: { req: IncomingMessage; res: ServerResponse };
}

/** What a page's handler gives: a view with its model, or the address to go to. */
export type PageReply = (ViewReply | { redirect: string } | { download: FileReply }) & {
  /** Left in the browser, for no script to read; null takes it away. Named without prefix. */
  cookies?: Record<string, PageCookie | null>;
};

/** A file to keep. */
export interface FileReply {
  type: string;
  fileName: string;
  content: string | AsyncIterable<Buffer>;
}

export interface ViewReply {
  view: string;
  model: Record<string, unknown>;
  status?: number;
  /** Where the page's form may end up, besides here: Chromium checks the whole chain of redirects. */
  formTargets?: string[];
  /** Where the form ends up is not known. */
  formLeadsAnywhere?: true;
  /** The page shows a document with styles of its own, in a sandboxed frame; a frame gets the policy of its page. */
  inlineStyles?: true;
  /** The address holds a one-time link, which must not travel on in a Referer, not even to ourselves. */
  hasSecretAddress?: true;
  /** Other sites must not reach this page's window, even if they opened it. */
  ownsWindow?: true;
  retryAfter?: number | undefined;
  /** Who reads it, where that is known; it decides the language. */
  reader?: Reader;
  /** The one language of a page that is not translated. */
  language?: string;
}

/** A page with an optional form: shown by GET, acted on by POST, never the other way round. */
export interface FormPage {
  /** Bytes that its form may have, when the common 64 KiB are not enough. */
  bodyLimit?: number;
  /** With colons: `/interaction/:uid/login`. */
  path: string;
  show?(request: PageRequest): Promise<PageReply>;
  submit?(request: PageRequest): Promise<PageReply>;
}
