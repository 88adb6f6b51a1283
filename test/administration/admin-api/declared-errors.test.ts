import { errorsOf } from '../../../src/administration/admin-api/openapi.ts';
import { statusOf } from '../../../src/platform/http/problems.ts';
import { directoryContents } from '../../support/contents.ts';
import { keyOf, startEndpoints, type EndpointRequests } from './endpoint-requests.ts';
import { applications } from './provocations/applications.ts';
import { groups, roles } from './provocations/groups.ts';
import { operations } from './provocations/operations.ts';
import { webhooks } from './provocations/webhooks.ts';
import type { Provocations } from './provocations/provocation.ts';
import { users } from './provocations/users.ts';

/** How to provoke each error of each endpoint. */
const PROVOCATIONS: Provocations = { ...users, ...groups, ...roles, ...applications, ...operations, ...webhooks };

/** What every endpoint shares; `endpoints.exhaustive.test.ts` and `retries.test.ts` provoke it. */
const SHARED = new Set([
  'invalid_input',
  'broken_coding',
  'broken_json',
  'not_utf8',
  'body_too_large',
  'wrong_content_type',
  'invalid_token',
  'insufficient_scope',
  'unavailable',
  'bad_cursor',
  'too_many_requests',
  'idempotency_key_reused',
  'precondition_failed',
  'precondition_required',
  // Four gibibytes.
  'file_too_large',
]);

describe('every error that an endpoint declares', () => {
  let on: EndpointRequests;
  beforeAll(async () => {
    on = await startEndpoints();
  });
  afterAll(() => on.stop());

  const declared = () =>
    on.endpoints.map((endpoint) => ({
      endpoint,
      errors: errorsOf(endpoint, on.endpoints).filter(({ code }) => !SHARED.has(code)),
    }));

  it('is provoked', () => {
    const codes = declared().map(({ endpoint, errors }) => [keyOf(endpoint), errors.map(({ code }) => code).sort()]);
    const provoked = on.endpoints.map((endpoint) => [
      keyOf(endpoint),
      Object.keys(PROVOCATIONS[keyOf(endpoint)] ?? {}).sort(),
    ]);
    expect(provoked).toEqual(codes);
    expect(
      Object.keys(PROVOCATIONS).filter((key) => !on.endpoints.some((endpoint) => keyOf(endpoint) === key)),
    ).toEqual([]);
  });

  it('is answered, and nothing is written', async () => {
    for (const { endpoint, errors } of declared()) {
      for (const { code, kind } of errors) {
        const request = await PROVOCATIONS[keyOf(endpoint)]![code]!(on.test);
        const before = await directoryContents(on.test);
        await on.expectProblem(endpoint, statusOf[kind], code, request);
        expect({ code, contents: await directoryContents(on.test) }).toEqual({ code, contents: before });
      }
    }
  });
});
