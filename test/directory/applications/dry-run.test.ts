import { giveApplication, giveService, serviceToken, startApp } from '../../support/app.ts';

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
