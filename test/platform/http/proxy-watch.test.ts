import { PassThrough } from 'node:stream';
import { createLog } from '../../../src/platform/http/log.ts';
import { adminToken, startApp } from '../../support/app.ts';

describe('a proxy that Cohort was not told of', () => {
  it.each([
    ['https://id.example.com', '0', 1],
    ['https://id.example.com', '1', 0],
    [undefined, '0', 0],
  ])('is reported once in the log, and on the dashboard (issuer %s, %s trusted)', async (issuer, trusted, count) => {
    const lines: string[] = [];
    const destination = new PassThrough().on('data', (line: Buffer) => lines.push(line.toString()));
    const log = createLog('warn', { destination });
    const settings = { COHORT_TRUSTED_PROXIES: trusted, ...(issuer ? { COHORT_ISSUER: issuer } : {}) };
    const test = await startApp({ settings, log });
    const token = await adminToken(test);
    for (const _each of [1, 2]) await test.http.get('/').set('x-forwarded-for', '203.0.113.7');
    const { body } = await test.http.get('/v1/statistics').set('authorization', `Bearer ${token}`);
    const warnings = body.result.warnings as { code: string; count: number }[];
    expect(warnings.filter(({ code }) => code === 'untrusted_proxy').map((warning) => warning.count)).toEqual(
      count === 0 ? [] : [1],
    );
    expect(lines.filter((line) => line.includes('COHORT_TRUSTED_PROXIES'))).toHaveLength(count);
    await test.tearDown();
  });
});
