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
    if (toComparable(found) === toComparable(value)) continue;
    throw new WrongAnswer(`${JSON.stringify(value)} was expected in '${name}' and not ${JSON.stringify(found)}`, reply);
  }
}

/** Groups and roles come in no particular order. */
function toComparable(value: unknown): string | undefined {
  return JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
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

/** Where a redirect leads; undefined for any other answer. */
export function redirectIn({ status, headers: { location } }: Reply): string | undefined {
  return (status === 302 || status === 303) && typeof location === 'string' ? location : undefined;
}

export function expectRedirect(reply: Reply): string {
  const location = redirectIn(reply);
  if (location === undefined) throw new WrongAnswer('A redirect was expected', reply);
  return location;
}

/** A page for people, and not a redirect or a refusal. */
export function expectPage(reply: Reply): void {
  if (reply.status !== 200 || !reply.body.includes('<main')) throw new WrongAnswer('A page was expected', reply);
}

/** The address to which the form is sent that has this id, or a button with it. */
export function expectForm(reply: Reply, id: string): string {
  const forms = reply.status === 200 ? (reply.body.match(/<form\b[\s\S]*?<\/form>/g) ?? []) : [];
  const form = forms.find((candidate) => candidate.includes(`id="${id}"`));
  const [, action] = /^<form\b[^>]*\saction="([^"]*)"/.exec(form ?? '') ?? [];
  if (!action) throw new WrongAnswer(`A form with the id ${id} was expected`, reply);
  return action.replaceAll('&amp;', '&');
}
