import { system } from '../../src/platform/actor.ts';
import { writeLongLists } from '../../src/oidc/provider/long-lists.ts';
import { giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('long lists of claims', () => {
  const written = (body: unknown): unknown => {
    const ctx = { body };
    writeLongLists(ctx);
    return Buffer.isBuffer(ctx.body) ? JSON.parse(ctx.body.toString()) : 'left to others';
  };
  const list = (length: number) =>
    Object.freeze(Array.from({ length }, (_, number) => `“Crew” ${number} "é"\u2028\ud800`));

  it('are written as JSON would be', () => {
    const groups = list(1000);
    const body = { sub: 'a', nothing: undefined, groups, 'x"y': null, roles: list(300), exp: 7, short: [1] };
    expect(written(body)).toEqual(JSON.parse(JSON.stringify(body)));
    const others = [
      body,
      body,
      { ...body, sub: 'b' },
      { ...body, roles: list(301) },
      { sub: 'a', teams: groups },
      body,
    ];
    for (const other of others) expect(written(other)).toEqual(JSON.parse(JSON.stringify(other)));
    expect(written({ sub: 'a', groups })).toEqual({ sub: 'a', groups });
    expect(written({ sub: 'a', teams: groups })).toEqual({ sub: 'a', teams: groups });
  });

  it.each<[string, unknown]>([
    ['text', 'a.signed.answer'],
    ['nothing', undefined],
    ['short lists', { sub: 'a', groups: list(20) }],
    ['a list that may still change', { sub: 'a', groups: [...list(1000)] }],
    ['nothing but a list', { groups: list(1000) }],
  ])('are not looked for in %s', (_name, body) => {
    expect(written(body)).toBe('left to others');
  });

  describe('of a user in 300 groups', () => {
    let test: TestApp;
    beforeAll(async () => {
      test = await startApp();
    });
    afterAll(() => test.tearDown());

    it('are those of the moment at userinfo and introspection', async () => {
      const user = await giveUser(test, 'many@example.com');
      const names = Array.from({ length: 300 }, (_, number) => `Équipe ${String(number).padStart(3, '0')} “€”`);
      const groups = [];
      for (const name of names) groups.push(await giveGroup(test, name, [user.id]));
      const application = await giveApplication(test);
      const party = await relyingParty(test, application);
      const { tokens } = await party.signIn({ login: 'many@example.com', scope: 'openid email groups' });
      const me = () => test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
      const introspect = () =>
        test.http
          .post('/token/introspection')
          .auth(application.id, application.secret)
          .type('form')
          .send({ token: tokens.access_token });

      async function expectGroups(expected: string[]) {
        for (let times = 0; times < 4; times += 1)
          for (const reply of [await me(), await introspect()]) {
            expect(reply.body).toMatchObject({ sub: user.id, groups: expected });
            expect(reply.headers).toMatchObject({
              'content-type': 'application/json; charset=utf-8',
              'content-length': String(Buffer.byteLength(reply.text)),
            });
          }
      }

      await expectGroups(names);
      await test.app.groups.update(system, groups[0]!.id, { name: 'Équipe 000 neu' });
      await expectGroups(['Équipe 000 neu', ...names.slice(1)]);
    });
  });
});
