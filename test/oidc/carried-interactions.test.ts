import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const LOGIN = 'ada@example.com';

describe('an interaction that the browser carries', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  beforeAll(async () => {
    test = await startApp();
    party = await relyingParty(test, await giveApplication(test));
    await giveUser(test, LOGIN);
  });
  afterAll(() => test.tearDown());

  /** A request with these cookies, as a copy of a browser would send it. */
  const send = (url: string, cookies: string[], body?: Record<string, string>) =>
    fetch(url, {
      method: body ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: cookies.join('; '), origin: test.issuer, accept: 'text/html' },
      ...(body ? { body: new URLSearchParams(body) } : {}),
    });

  /** What a response leaves in the browser, as it is sent back. */
  const cookiesOf = (response: Response): string[] =>
    response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
  const isState = (cookie: string) => cookie.startsWith('interaction_state=');

  async function begin() {
    const { address } = await party.start();
    const begun = await send(address.href, []);
    return { page: begun.headers.get('location')!, cookies: cookiesOf(begun) };
  }

  async function signIn({ page, cookies }: { page: string; cookies: string[] }) {
    const url = new URL(page, test.issuer).href;
    const answered = await send(`${url}/login`, cookies, { login: LOGIN, password: PASSWORD });
    const onward = [...cookies.filter((cookie) => !isState(cookie)), ...cookiesOf(answered)];
    return { resume: answered.headers.get('location')!, onward };
  }

  const stored = () => test.app.database.connection.collection('oidc_interactions').countDocuments();

  it('is written nowhere until it ends', async () => {
    const { resume, onward } = await signIn(await begin());
    expect(await stored()).toBe(0);
    const finished = await send(resume, onward);
    expect(finished.headers.get('location')).toMatch(new RegExp(`^${REDIRECT_URI}\\?code=`));
    expect(await stored()).toBe(0);
  });

  it('goes on once, of twenty copies at once', async () => {
    const { resume, onward } = await signIn(await begin());
    const copies = await Promise.all(Array.from({ length: 20 }, () => send(resume, onward)));
    expect(copies.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(copies.filter(({ status }) => status === 400)).toHaveLength(19);
  });

  it('does not go on again, whatever copy of it is kept', async () => {
    const begun = await begin();
    const { resume, onward } = await signIn(begun);
    const finished = await send(resume, onward);
    const taken = finished.headers.getSetCookie().filter(isState);
    expect(taken).toEqual([expect.stringContaining('Max-Age=0'), expect.stringContaining('Max-Age=0')]);
    expect((await send(resume, onward)).status).toBe(400);
    const again = await signIn(begun);
    expect((await send(again.resume, again.onward)).status).toBe(400);
  });

  it('is no other one, and cannot be changed', async () => {
    const one = await begin();
    const other = await begin();
    const rest = one.cookies.filter((cookie) => !isState(cookie));
    const state = one.cookies.find(isState)!;
    const at = state.length - 30;
    const changed = state.slice(0, at) + (state[at] === 'x' ? 'y' : 'x') + state.slice(at + 1);
    for (const wrong of [
      other.cookies.find(isState)!,
      changed,
      'interaction_state=',
      'interaction_state=none.of',
      'other=1',
    ])
      expect((await send(new URL(one.page, test.issuer).href, [...rest, wrong])).status).toBe(400);
    expect((await send(new URL(one.page, test.issuer).href, one.cookies)).status).toBe(200);
  });

  it('is stored when it is long, and ends just the same', async () => {
    const { address } = await party.start({ parameters: { state: 'x'.repeat(3000) } });
    const begun = await send(address.href, []);
    const cookies = cookiesOf(begun);
    expect([cookies.filter(isState), await stored()]).toEqual([[], 1]);
    const { resume, onward } = await signIn({ page: begun.headers.get('location')!, cookies });
    const copies = await Promise.all(Array.from({ length: 20 }, () => send(resume, onward)));
    expect(copies.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await stored()).toBe(0);
  });
});
