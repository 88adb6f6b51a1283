import { Pool } from 'undici';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Sent {
  headers?: Record<string, string>;
  /** Sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>;
}

/** Connections to one server, kept open. Redirects are not followed. */
export interface Http {
  origin: string;
  get(path: string, sent?: Sent): Promise<Reply>;
  post(path: string, sent?: Sent): Promise<Reply>;
  close(): Promise<void>;
}

export function createHttp(origin: string, connections: number): Http {
  const pool = new Pool(origin, { connections, pipelining: 1 });

  async function send(method: 'GET' | 'POST', path: string, { headers = {}, form }: Sent): Promise<Reply> {
    const reply = await pool.request({
      method,
      path,
      headers: form ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : headers,
      body: form ? new URLSearchParams(form).toString() : null,
    });
    return { status: reply.statusCode, headers: reply.headers, body: await reply.body.text() };
  }

  return {
    origin,
    get: (path, sent = {}) => send('GET', path, sent),
    post: (path, sent = {}) => send('POST', path, sent),
    close: () => pool.destroy(),
  };
}

/** One person's browser: it keeps cookies and goes where it is told. */
export interface Browser {
  open(path: string): Promise<Reply>;
  submit(path: string, form: Record<string, string>): Promise<Reply>;
}

export function createBrowser(http: Http): Browser {
  const cookies = new Map<string, string>();

  const headers = () => ({
    accept: 'text/html',
    ...(cookies.size > 0 ? { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } : {}),
  });

  function remember(reply: Reply): Reply {
    for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = line.split(';', 1);
      const name = pair.slice(0, pair.indexOf('='));
      if (line.includes('expires=Thu, 01 Jan 1970')) cookies.delete(name);
      else cookies.set(name, pair.slice(name.length + 1));
    }
    return reply;
  }

  return {
    open: async (path) => remember(await http.get(path, { headers: headers() })),
    submit: async (path, form) =>
      remember(await http.post(path, { headers: { ...headers(), origin: http.origin }, form })),
  };
}
