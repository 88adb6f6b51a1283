import { system } from '../../../src/platform/actor.ts';
import { consolePagesOf } from '../../../src/administration/console/module.ts';
import { faultsInLook } from '../../support/accessibility.ts';
import { adminToken, giveApplication, giveGroup, giveUser, giveRole, type TestApp } from '../../support/app.ts';
import { giveReceiver } from '../../support/signal-receiver.ts';
import type { OpenedPage } from '../../support/browser.ts';
import type { Look } from '../../support/looks.ts';

/** Pages that answer with a file. */
const FILES = ['/console/audit/export', '/console/jobs/:job_id/file'];

/** The path of every page, about a user and things that have a little of everything, by the page's own path. */
export async function pathsOfPages(test: TestApp): Promise<Map<string, string>> {
  const { administratorId, ...ids } = await prepareThings(test);
  const pages = consolePagesOf(test.issuer).filter(({ path, show }) => show && !FILES.includes(path));
  return new Map(
    pages.map(({ path }) => {
      const about = path.startsWith('/console/administrators/') ? { user_id: administratorId } : ids;
      const named: Record<string, string> = about;
      return [path, path.replace(/:(\w+)/g, (_, name: string) => named[name]!)];
    }),
  );
}

async function prepareThings(test: TestApp) {
  const ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
  const role = await giveRole(test, 'editor');
  const group = await giveGroup(test, 'Pilots', [ada.id], [role.id]);
  await test.app.memberships.addOwner(system, group.id, ada.id);
  await giveApplication(test);
  const application = await giveReceiver(test, 'Crew portal');
  const { stream_id: stream } = await application.createStream({});
  await application.call('post', '/stream/verification', { stream_id: stream }).expect(204);
  const job = await test.app.jobs.order(system, 'disable', { select: { user_ids: ['ffffffffffffffff'] } });
  await test.app.drainJobs();
  await test.app.statistics.countCustomers();
  await test.app.statistics.measureGroups();
  const grace = await giveUser(test, 'grace@example.com', { kind: 'administrator', adminRoles: ['users'] });
  return {
    user_id: ada.id,
    group_id: group.id,
    role_id: role.id,
    client_id: application.id,
    job_id: job.id,
    webhook_id: await giveWebhook(test),
    administratorId: grace.id,
  };
}

/** With a delivery that waits. */
async function giveWebhook(test: TestApp): Promise<string> {
  const authorization = `Bearer ${await adminToken(test)}`;
  const wanted = { url: 'https://hooks.example.com/cohort', events: ['group.*', 'user.disabled'] };
  const { body } = await test.http.post('/v1/webhooks').set({ authorization }).send(wanted).expect(201);
  const { webhook_id: id } = body.result as { webhook_id: string };
  await test.http.post(`/v1/webhooks/${id}/test`).set({ authorization }).expect(202);
  return id;
}

/** What is wrong with these pages in each of the looks, in the language of the page's requests. */
export async function faultsOfPages(
  { test, page, complaints }: OpenedPage & { test: TestApp },
  { paths, looks, name }: { paths: string[]; looks: Look[]; name: string },
): Promise<string[]> {
  const faults: string[] = [];
  for (const path of paths) {
    const reply = await page.goto(`${test.issuer}${path}`);
    if (reply?.status() !== 200) faults.push(`${path}: ${reply?.status()}`);
    for (const look of looks) faults.push(...(await faultsInLook(page, `${name} ${path}`, look)));
  }
  return [...faults, ...complaints];
}
