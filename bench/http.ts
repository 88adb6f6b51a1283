import { Pool, type Dispatcher } from 'undici';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Sent {
  headers?: Record<string, string>;
  /** Sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>;
  json?: unknown;
}

/** Connections to one server, kept open. Redirects are not followed. */
export interface Http {
  origin: string;
  get(path: string, sent?: Sent): Promise<Reply>;
  post(path: string, sent?: Sent): Promise<Reply>;
  put(path: string, sent?: Sent): Promise<Reply>;
  delete(path: string, sent?: Sent): Promise<Reply>;
  close(): Promise<void>;
}

export function createHttp(origin: string, connections: number): Http {
  const pool = new Pool(origin, { connections, pipelining: 1 });

  async function send(method: Dispatcher.HttpMethod, path: string, sent: Sent): Promise<Reply> {
    const { type, body } = contentOf(sent);
    const headers = { ...(type ? { 'content-type': type } : {}), ...sent.headers };
    const reply = await pool.request({ method, path, headers, body });
    return { status: reply.statusCode, headers: reply.headers, body: await reply.body.text() };
  }

  return {
    origin,
    get: (path, sent = {}) => send('GET', path, sent),
    post: (path, sent = {}) => send('POST', path, sent),
    put: (path, sent = {}) => send('PUT', path, sent),
    delete: (path, sent = {}) => send('DELETE', path, sent),
    close: () => pool.destroy(),
  };
}

function contentOf({ form, json }: Sent): { type?: string; body: string | null } {
  if (form) return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
  return json === undefined ? { body: null } : { type: 'application/json', body: JSON.stringify(json) };
}

/** One user's browser: it keeps cookies and goes where it is told. */
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
      if (/;\s*(expires=Thu, 01.Jan.1970|max-age=0)/i.test(line)) cookies.delete(name);
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
