import { adminToken, giveGroup, startApp, type TestApp } from '../../support/app.ts';

describe('the name of a group', () => {
  let test: TestApp;
  let bearer: string;

  beforeAll(async () => {
    test = await startApp();
    bearer = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const send = (method: 'post' | 'patch', path: string, body: object) =>
    test.http[method](path).set('authorization', `Bearer ${bearer}`).send(body);
  const refusal = expect.objectContaining({
    status: 400,
    code: 'group_name_with_comma',
    errors: [
      {
        pointer: '#/name',
        detail: 'must not contain a comma, because some applications use commas to separate groups',
      },
    ],
  });

  it('holds no comma, lest an application that reads a list of names takes it for two groups', async () => {
    const { id } = await giveGroup(test, 'Guests');
    expect((await send('post', '/v1/groups', { name: 'Guests,Pilots' })).body).toEqual(refusal);
    expect((await send('patch', `/v1/groups/${id}`, { name: 'Guests, Pilots' })).body).toEqual(refusal);
    expect((await test.app.groups.get(id)).name).toBe('Guests');
  });

  it('goes on when it had a comma before', async () => {
    const { id } = await giveGroup(test, 'Berlin');
    const groups = test.app.database.connection.collection<{ _id: string }>('groups');
    await groups.updateOne({ _id: id }, { $set: { name: 'Berlin, Mitte' } });
    const change = { name: 'Berlin, Mitte', description: 'A district' };
    expect((await send('patch', `/v1/groups/${id}`, change)).body.result).toMatchObject(change);
    expect((await send('patch', `/v1/groups/${id}`, { name: 'Mitte' })).body.result).toMatchObject({ name: 'Mitte' });
  });
});
