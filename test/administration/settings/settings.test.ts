import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import supertest from 'supertest';
import type { Actor } from '../../../src/platform/actor.ts';
import { freePort } from '../../../src/platform/free-port.ts';
import { createLog } from '../../../src/platform/http/log.ts';
import { keepApp, type KeptApp } from '../../../src/app/reload.ts';
import { callsByName } from '../../support/actors.ts';
import { startApp } from '../../support/app.ts';
import { databaseUri, dropDatabase } from '../../support/database.ts';

const encryptionKeys = [{ id: 'test', key: Buffer.alloc(32, 7) }];

describe('settings that administrators change', () => {
  const uri = databaseUri();
  let environment: Record<string, string>;
  let kept: KeptApp;
  let other: KeptApp;
  let http: ReturnType<typeof supertest>;

  const keep = () => keepApp({ environment, uri, encryptionKeys, log: createLog('silent'), withTasks: false });

  beforeAll(async () => {
    const port = await freePort();
    environment = {
      COHORT_ISSUER: `http://localhost:${port}`,
      COHORT_LOG_LEVEL: 'silent',
      COHORT_SESSION_SECONDS: '3600',
      COHORT_SHUTDOWN_GRACE_SECONDS: '10',
    };
    kept = await keep();
    other = await keep();
    await kept.app.http.listen(port, '127.0.0.1');
    http = supertest(`http://127.0.0.1:${port}`);
  });
  afterAll(async () => {
    await Promise.all([kept.stop(), other.stop()]);
    await dropDatabase(uri);
  });

  function owner(): Actor {
    return { kind: 'user', id: 'ffffffffffffffff', name: 'owner', scopes: new Set(Object.keys(kept.app.scopes)) };
  }
  const change = (body: Record<string, string | null>) =>
    callsByName(kept.app, owner())('patch /v1/settings', { body });
  const settingOf = async (variable: string) => {
    const { body } = await callsByName(kept.app, owner())<{ result: { variable: string }[] }>('get /v1/settings');
    return body.result.find((setting) => setting.variable === variable);
  };
  const until = async (isSo: () => Promise<boolean> | boolean) => {
    for (let tries = 0; tries < 300; tries += 1) {
      if (await isSo()) return;
      await pause(50);
    }
    throw new Error('It did not come to that.');
  };
  const pageHas = async (text: string) => (await http.get('/recover')).text.includes(text);

  it('apply at every node, behind the same socket', async () => {
    const before = [kept.app, other.app];
    expect(await pageHas('Create an account')).toBe(false);
    await change({ COHORT_BRAND_NAME: 'Flying club', COHORT_SELF_REGISTRATION: 'open' });
    expect(await settingOf('COHORT_BRAND_NAME')).toMatchObject({ value: 'Flying club', source: 'console' });
    await until(() => pageHas('Flying club'));
    await until(() => kept.app !== before[0] && other.app !== before[1]);
    expect((await http.get('/register')).status).toBe(200);
    const events = kept.app.database.connection.collection('audit_events');
    expect(await events.countDocuments({ action: 'settings.changed' })).toBe(1);
  });

  it('are not complained about at a start, when there is nothing to apply', async () => {
    const said: string[] = [];
    const destination = new PassThrough().on('data', (line) => said.push(String(line)));
    const log = createLog('warn', { destination });
    const started = await keepApp({ environment, uri, encryptionKeys, log, withTasks: false });
    await pause(300);
    await started.stop();
    expect(said).toEqual([]);
  });

  it('lose no request while they are taken over', async () => {
    let isDone = false;
    const statuses = new Map<number, number>();
    const ask = async () => {
      while (!isDone) {
        const { status } = await http.get('/recover');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const asking = [ask(), ask(), ask(), ask()];
    for (const name of ['One', 'Two', 'Three']) {
      await change({ COHORT_BRAND_NAME: `Club ${name}` });
      await until(() => pageHas(`Club ${name}`));
    }
    isDone = true;
    await Promise.all(asking);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(20);
  });

  it('come behind the environment, and are refused where they make no sense, all of them', async () => {
    const before = await settingOf('COHORT_BRAND_NAME');
    const wrong = {
      COHORT_BRAND_NAME: 'Never',
      COHORT_SESSION_SECONDS: '60',
      COHORT_INVITATION_DAYS: 'many',
    };
    await expect(change(wrong)).rejects.toMatchObject({
      code: 'unusable_setting',
      faults: [
        { pointer: '#/COHORT_SESSION_SECONDS', detail: 'is set in the environment and cannot be changed here' },
        { pointer: '#/COHORT_INVITATION_DAYS' },
      ],
    });
    for (const name of ['COHORT_PORT', 'COHORT_NOTHING', '__proto__', 'values'])
      await expect(
        change(JSON.parse(`{"COHORT_BRAND_NAME":"Never","${name}":"1"}`) as Record<string, string>),
      ).rejects.toMatchObject({
        code: 'invalid_input',
      });
    expect(await settingOf('COHORT_BRAND_NAME')).toEqual(before);
    expect(await settingOf('COHORT_SESSION_SECONDS')).toMatchObject({ source: 'environment', is_changeable: false });
  });

  it('go back to the default, and count as not stored when they do not do any more', async () => {
    await change({ COHORT_BRAND_NAME: null });
    expect(await settingOf('COHORT_BRAND_NAME')).toMatchObject({ value: 'Cohort', source: 'default' });
    const stored = kept.app.database.connection.collection<{ _id: string }>('settings');
    await stored.updateOne({ _id: 'settings' }, { $set: { 'values.COHORT_ACCENT_COLOR': 'no colour' } });
    const later = await keep();
    expect(await settingOf('COHORT_ACCENT_COLOR')).toMatchObject({ value: null, source: 'default' });
    await later.stop();
  });

  it('are both kept when two are changed at once', async () => {
    // Not through an app that the first change replaces.
    const node = await startApp({ uri });
    const patch = (body: Record<string, string>) => callsByName(node.app, owner())('patch /v1/settings', { body });
    await Promise.all([patch({ COHORT_INVITATION_DAYS: '3' }), patch({ COHORT_TEMPORARY_PASSWORD_DAYS: '4' })]);
    await node.app.stop();
    expect(await settingOf('COHORT_INVITATION_DAYS')).toMatchObject({ value: '3' });
    expect(await settingOf('COHORT_TEMPORARY_PASSWORD_DAYS')).toMatchObject({ value: '4' });
  });
});
