import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Reply } from './http.ts';

/**
 * Thrown when a server gave another answer than it must; slowness fails no run. It shows the answer, tokens and all: the
 * servers that would take them are gone when it is read.
 */
export class WrongAnswer extends Error {
  constructor(what: string, { status, body }: Reply) {
    super(`${what}, but the answer was ${status}: ${body.slice(0, 500)}`);
    this.name = 'WrongAnswer';
  }
}

/** The JSON of a 200. */
export function expectJson(reply: Reply): Record<string, unknown> {
  if (reply.status !== 200) throw new WrongAnswer('A JSON document was expected', reply);
  try {
    // A cast, because every field is checked by whoever uses it.
    return JSON.parse(reply.body) as Record<string, unknown>;
  } catch {
    throw new WrongAnswer('A JSON document was expected', reply);
  }
}

/** The value of a field that must be text. */
export function expectText(reply: Reply, document: Record<string, unknown>, field: string): string {
  const value = document[field];
  if (typeof value !== 'string' || value === '') throw new WrongAnswer(`Text was expected in '${field}'`, reply);
  return value;
}

export function expectFields(reply: Reply, document: object, expected: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = (document as Record<string, unknown>)[name];
    if (JSON.stringify(found) === JSON.stringify(value)) continue;
    throw new WrongAnswer(`${JSON.stringify(value)} was expected in '${name}' and not ${JSON.stringify(found)}`, reply);
  }
}

/** The claims of a JWT signed with RS256. */
export function expectJwt(reply: Reply, document: Record<string, unknown>, field: string): JWTPayload {
  const jwt = expectText(reply, document, field);
  try {
    if (decodeProtectedHeader(jwt).alg === 'RS256') return decodeJwt(jwt);
  } catch {
    // Said below.
  }
  throw new WrongAnswer(`A JWT signed with RS256 was expected in '${field}'`, reply);
}

/** Where a redirect leads. */
export function expectRedirect(reply: Reply): string {
  const { location } = reply.headers;
  if (reply.status !== 303 || typeof location !== 'string') throw new WrongAnswer('A redirect was expected', reply);
  return location;
}

/** A page for people, and not a redirect or a refusal. */
export function expectPage(reply: Reply): void {
  if (reply.status !== 200 || !reply.body.includes('<main')) throw new WrongAnswer('A page was expected', reply);
}

/** The address to which the form with this button is sent. */
export function expectForm(reply: Reply, buttonId: string): string {
  const forms = reply.status === 200 ? (reply.body.match(/<form\b[\s\S]*?<\/form>/g) ?? []) : [];
  const form = forms.find((candidate) => candidate.includes(`id="${buttonId}"`));
  const [, action] = /^<form\b[^>]*\saction="([^"]*)"/.exec(form ?? '') ?? [];
  if (!action) throw new WrongAnswer(`A form with the button ${buttonId} was expected`, reply);
  return action;
}
