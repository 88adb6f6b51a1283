import compose from 'koa-compose';
import type { Context } from 'koa';
import { answerOwnSegments } from '../../../src/platform/http/fallback.ts';
import { startApp, type TestApp } from '../../support/app.ts';

describe('the fallback', () => {
  let test: TestApp;
  beforeAll(async () => void (test = await startApp()));
  afterAll(() => test.tearDown());

  it('answers what belongs to it alone before any router is asked', async () => {
    const asked: string[] = [];
    const chain = compose<Context>([
      answerOwnSegments({
        ownSegments: ['token'],
        middleware: [(ctx, next) => (asked.push(`own ${ctx.path}`), next())],
      }),
      async ({ path }) => void asked.push(`router ${path}`),
    ]);
    for (const path of ['/token', '/token/introspection', '/tokens', '/', '/v1/token'])
      await chain({ path } as Context);
    expect(asked).toEqual(['own /token', 'own /token/introspection', 'router /tokens', 'router /', 'router /v1/token']);
  });

  it('owns no segment of a page or an endpoint', () => {
    const [fallback] = test.app.modules.flatMap((module) => module.fallback?.() ?? []);
    const paths = test.app.modules.flatMap(({ pages = [], endpoints = [] }) => [...pages, ...endpoints]);
    const segments = new Set(paths.map(({ path }) => path.split('/')[1]));
    expect(segments).toContain('interaction');
    expect(fallback!.ownSegments.filter((segment) => segments.has(segment))).toEqual([]);
  });

  it('has the same error page as all others for what it does not know', async () => {
    for (const path of ['/token', '/token/nowhere', '/auth/a/b', '/device/nowhere/x']) {
      const { status, text, headers } = await test.http.get(path).set('accept', 'text/html');
      expect([path, status, headers['content-type']]).toEqual([path, 404, 'text/html; charset=utf-8']);
      expect(text).toContain('<html');
    }
  });

  it('is found in other letters, too', async () => {
    for (const path of ['/me', '/ME', '/me/']) await test.http.get(path).expect(401, /no access token provided/);
  });
});
