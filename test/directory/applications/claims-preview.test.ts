import { decodeJwt } from 'jose';
import {
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe('the preview of claims', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  async function preview(clientId: string, userId: string, scopes = ['applications:read', 'users:read']) {
    const token = await serviceToken(test, await giveService(test, scopes), scopes.join(' '));
    const path = `/v1/applications/${clientId}/claims/${userId}`;
    return test.http.get(path).set('authorization', `Bearer ${token}`);
  }

  it('says what the tokens and userinfo of a sign-in say', async () => {
    const ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    await giveGroup(test, 'Pilots', [ada.id], [(await giveRole(test, 'editor')).id]);
    const application = await giveApplication(test);
    const party = await relyingParty(test, application);
    const scope = 'openid profile email groups roles';
    const { tokens } = await party.signIn({ login: 'ada@example.com', scope });
    const userinfo = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    const reply = await preview(application.id, ada.id);
    expect(reply.status).toBe(200);
    const { scopes, id_token: idToken, userinfo: foreseen } = reply.body.result;
    expect(scopes.join(' ')).toBe(scope);
    expect(idToken).toEqual({ sub: ada.id, groups: ['Pilots'], roles: ['editor'] });
    expect(decodeJwt(tokens.id_token!)).toMatchObject(idToken);
    // A sign-in is noted in the profile, which changes nothing of it.
    expect(foreseen).toEqual({ ...userinfo.body, updated_at: expect.any(Number) });
  });

  it('is refused to whoever may not read users', async () => {
    const ada = await giveUser(test, 'grace@example.com');
    const { id } = await giveApplication(test);
    const reply = await preview(id, ada.id, ['applications:read']);
    expect([reply.status, reply.body.code]).toEqual([403, 'insufficient_scope']);
  });
});

describe('a dry run of creating an application', () => {
  it('refuses what would be refused and creates nothing', async () => {
    const test = await startApp();
    const token = await serviceToken(test, await giveService(test, ['applications:write']), 'applications:write');
    const attempt = (body: object) =>
      test.http.post('/v1/applications?dry_run=true').set('authorization', `Bearer ${token}`).send(body);
    const { connection } = test.app.database;
    const before = await connection.collection('applications').countDocuments();
    const good = await attempt({ name: 'New', redirect_uris: ['https://new.example.com/callback'] });
    expect([good.status, good.body]).toEqual([200, { result: { name: 'New', type: 'web' } }]);
    const nowhere = await attempt({ name: 'New', redirect_uris: [] });
    expect([nowhere.status, nowhere.body.code]).toEqual([400, 'invalid_application']);
    const { id } = await giveApplication(test);
    const twice = await attempt({ name: 'New', client_id: id, redirect_uris: ['https://new.example.com/callback'] });
    expect([twice.status, twice.body.code]).toEqual([409, 'client_id_taken']);
    expect(await connection.collection('applications').countDocuments()).toBe(before + 1);
    await test.tearDown();
  });
});
