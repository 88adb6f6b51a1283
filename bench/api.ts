import { expectJson, expectText, WrongAnswer } from './answers.ts';
import type { Http, Reply } from './http.ts';
import { service } from './sample.ts';
import { basic } from './token-requests.ts';

export type Item = Record<string, unknown>;
export type Query = Record<string, string | number>;

export interface Page {
  items: Item[];
  next: string | null;
}

/** The admin API as a service sees it. Every answer but the expected one is thrown as a WrongAnswer. */
export interface Api {
  /** A page of a list. */
  list(path: string, query: Query): Promise<Item[]>;
  /** All pages of a list, each with the cursor of the next. */
  pages(path: string, limit: number): AsyncGenerator<Page>;
  /** Whatever a GET is answered with. */
  reply(path: string, headers?: Record<string, string>): Promise<Reply>;
  get(path: string): Promise<unknown>;
  post(path: string, json: unknown): Promise<unknown>;
  put(path: string, json: unknown): Promise<unknown>;
  delete(path: string, json?: unknown): Promise<unknown>;
}

const SCOPES = 'users:read users:write users:delete groups:read groups:write roles:read applications:read audit:read';

/** Gets a token for the service and uses it for everything. */
export async function openApi(http: Http): Promise<Api> {
  const form = { grant_type: 'client_credentials', scope: SCOPES };
  const granted = await http.post('/token', { headers: { authorization: basic(service) }, form });
  const headers = { authorization: `Bearer ${expectText(granted, expectJson(granted), 'access_token')}` };

  async function page(path: string, query: Query): Promise<Page> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    const reply = await http.get(`/v1${path}?${search.toString()}`, { headers });
    const { result, next } = expectJson(reply);
    if (!Array.isArray(result)) throw new WrongAnswer('A page of a list was expected', reply);
    return { items: result as Item[], next: typeof next === 'string' ? next : null };
  }

  async function* pages(path: string, limit: number): AsyncGenerator<Page> {
    let last = await page(path, { limit });
    yield last;
    while (last.next !== null) {
      last = await page(path, { limit, cursor: last.next });
      yield last;
    }
  }

  return {
    list: async (path, query) => (await page(path, query)).items,
    pages,
    reply: (path, more) => http.get(`/v1${path}`, { headers: { ...headers, ...more } }),
    get: async (path) => resultOf(await http.get(`/v1${path}`, { headers })),
    post: async (path, json) => resultOf(await http.post(`/v1${path}`, { headers, json })),
    put: async (path, json) => resultOf(await http.put(`/v1${path}`, { headers, json })),
    delete: async (path, json) => resultOf(await http.delete(`/v1${path}`, { headers, json })),
  };
}

function resultOf(reply: Reply): unknown {
  if (reply.status === 204) return undefined;
  return expectJson(reply.status === 201 ? { ...reply, status: 200 } : reply)['result'];
}

/** The id of what a request made. */
export async function made(reply: Promise<unknown>, field: string): Promise<string> {
  return String(((await reply) as Record<string, unknown>)[field]);
}
