import { system } from '../../../../src/platform/actor.ts';
import type { TestApp } from '../../../support/app.ts';
import { pieces } from '../../import-export/files.ts';
import { NOBODY } from '../good-bodies.ts';
import { at, withBody, type Provocation, type Provocations } from './provocation.ts';

const nobodyAt = (rest = '') => ({ job_not_found: at(`/v1/jobs/${NOBODY}${rest}`) });
const finishedJobAt =
  (rest: string): Provocation =>
  async (test) => ({ path: `/v1/jobs/${await finishedJobId(test)}${rest}` });

async function finishedJobId({ app }: TestApp): Promise<string> {
  const { id } = await app.jobs.order(system, 'disable', { select: { user_ids: [NOBODY] } });
  await app.drainJobs();
  return id;
}

/** A dry run of an import whose file is gone. */
async function dryRunWithoutFileId({ app }: TestApp): Promise<string> {
  const fileId = '00000000000000f1';
  await app.jobFiles.write(fileId, pieces(Buffer.from('name\n')), 100);
  const input = { type: 'roles', format: 'csv', file_id: fileId, dry_run: true, lines: 1 };
  const { id } = await app.jobs.order(system, 'import', input);
  await app.drainJobs();
  await app.jobFiles.remove(fileId);
  return id;
}

export const operations: Provocations = {
  'post /v1/keys/rotate': { algorithm_not_in_use: at('/v1/keys/rotate?algorithm=EdDSA') },
  'patch /v1/settings': { unusable_setting: withBody({ COHORT_BRAND_NAME: '' }) },
  'post /v1/imports': {},
  'post /v1/jobs': {
    group_not_found: withBody({ kind: 'add_to_group', group_id: NOBODY, select: { user_ids: [NOBODY] } }),
    unsupported_search: withBody({ kind: 'disable', select: { search: { q: 'ada', sort: 'name' } } }),
  },
  'get /v1/jobs/{job_id}': nobodyAt(),
  'get /v1/jobs/{job_id}/failures': nobodyAt('/failures'),
  'get /v1/jobs/{job_id}/file': { ...nobodyAt('/file'), no_file: finishedJobAt('/file') },
  'post /v1/jobs/{job_id}/cancel': { ...nobodyAt('/cancel'), job_finished: finishedJobAt('/cancel') },
  'post /v1/jobs/{job_id}/apply': {
    ...nobodyAt('/apply'),
    not_a_dry_run: finishedJobAt('/apply'),
    unknown_file: async (test) => ({ path: `/v1/jobs/${await dryRunWithoutFileId(test)}/apply` }),
  },
};
