import { parseSetCookie, stringifyCookie } from 'cookie';

/**
 * A browser without script: keeps cookies, follows redirects within the sites it was told of, reads forms and sends them.
 * Enough to use the sign-in pages like a user without JavaScript.
 */
export interface PlainBrowser {
  /** Opens an address and follows redirects until a page, or until a redirect leads to an address that `stopAt` starts. */
  open(address: string): Promise<Visit>;
  /** Fills and sends the form that holds the button with this id. */
  press(visit: Visit, buttonId: string, fields?: Record<string, string>): Promise<Visit>;
  cookies(): string[];
}

/** Where the browser is: on a page, or in front of an address that it was told not to open. */
export interface Visit {
  address: string;
  status: number;
  html: string;
  headers: Headers;
}

const MAX_REDIRECTS = 20;

export function createPlainBrowser({
  stopAt = [],
  userAgent,
}: { stopAt?: string[]; userAgent?: string } = {}): PlainBrowser {
  const jar = new Map<string, { name: string; value: string; path: string; host: string }>();

  async function request(address: string, init: RequestInit): Promise<Visit> {
    let next = { address, init };
    for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
      const response = await fetch(next.address, withCookies(next.address, next.init));
      remember(next.address, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) {
        return {
          address: next.address,
          status: response.status,
          html: await response.text(),
          headers: response.headers,
        };
      }
      await response.arrayBuffer();
      const target = new URL(location, next.address).href;
      if (stopAt.some((prefix) => target.startsWith(prefix))) {
        return { address: target, status: response.status, html: '', headers: response.headers };
      }
      next = { address: target, init: {} };
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects, the last one to ${new URL(next.address).pathname}.`);
  }

  function withCookies(address: string, init: RequestInit): RequestInit {
    const { pathname, host } = new URL(address);
    const sent = [...jar.values()].filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path));
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    if (userAgent) headers.set('user-agent', userAgent);
    if (sent.length > 0) headers.set('cookie', sent.map(toHeader).join('; '));
    return { ...init, headers, redirect: 'manual' };
  }

  function remember(address: string, lines: string[]): void {
    const { host } = new URL(address);
    for (const line of lines) {
      const { name, value = '', path = '/', expires, maxAge } = parseSetCookie(line, asItIs);
      const key = `${host} ${path} ${name}`;
      const isGone = maxAge === undefined ? expires !== undefined && expires <= new Date() : maxAge <= 0;
      if (isGone) jar.delete(key);
      else jar.set(key, { name, value, path, host });
    }
  }

  return {
    open: (address) => request(address, {}),

    press(visit, buttonId, fields = {}) {
      const form = formWithButton(visit.html, buttonId);
      if (!form) throw new Error(`The page at ${visit.address} has no form with a button ${buttonId}.`);
      const action = new URL(form.action || visit.address, visit.address).href;
      const body = new URLSearchParams({ ...form.fields, ...fields });
      return request(action, { method: 'POST', body, headers: { origin: new URL(visit.address).origin } });
    },

    cookies: () => [...jar.values()].map(toHeader),
  };
}

/** A browser sends a value as it got it, encoded or not. */
const asItIs = { decode: (value: string) => value, encode: (value: string) => value };

const toHeader = ({ name, value }: { name: string; value: string }) => stringifyCookie({ [name]: value }, asItIs);

function formWithButton(
  html: string,
  buttonId: string,
): { action: string; fields: Record<string, string> } | undefined {
  for (const [form] of html.matchAll(/<form\b[\s\S]*?<\/form>/gi)) {
    const [button] = new RegExp(`<button\\b[^>]*\\bid="${buttonId}"[^>]*>`, 'i').exec(form) ?? [];
    if (!button) continue;
    const fields: Record<string, string> = {};
    for (const [input] of form.matchAll(/<input\b[^>]*>/gi)) {
      const name = attribute(input, 'name');
      const isLeftOut = /^(checkbox|radio)$/.test(attribute(input, 'type') ?? '') && !/\schecked\b/i.test(input);
      if (name && !isLeftOut) fields[name] = attribute(input, 'value') ?? '';
    }
    const name = attribute(button, 'name');
    if (name) fields[name] = attribute(button, 'value') ?? '';
    const [open = ''] = /<form\b[^>]*>/i.exec(form) ?? [];
    return { action: attribute(open, 'action') ?? '', fields };
  }
  return undefined;
}

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag) ?? [];
  return value
    ?.replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
