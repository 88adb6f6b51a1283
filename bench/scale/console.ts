import { consolePagesOf } from '../../src/administration/console/module.ts';
import type { ConsolePage } from '../../src/administration/console/frame.pages.ts';
import { expectPage } from '../answers.ts';
import { owner } from '../sample.ts';
import { enterConsole } from '../sign-in.ts';
import type { Draws } from './draws.ts';
import type { ScaleOperation } from './operation.ts';

/** Pages that show what neither database has, and a file as long as its database. */
const LEFT_OUT = [
  '/console/jobs/:job_id',
  '/console/users/:user_id/factors',
  '/console/audit/export',
  '/console/groups/:group_id/members/:user_id',
  '/console/webhooks/:webhook_id',
];

const idsOf: Record<string, (draws: Draws) => string> = {
  user_id: (draws) => draws.customer().id,
  group_id: (draws) => draws.group().id,
  role_id: (draws) => draws.role().id,
  client_id: (draws) => draws.application().id,
};

const pages = consolePagesOf('https://bench.invalid').filter(
  ({ path, show }) => show && !LEFT_OUT.some((left) => path.startsWith(left)),
);

/** Lists with something to look for. */
const searches: [name: string, address: (draws: Draws) => string][] = [
  ['users, q', (draws) => `/console/users?${asQuery({ q: draws.customer().lastName.slice(0, 4) })}`],
  ['users, status', (draws) => `/console/users?${asQuery({ status: draws.oneOf(['active', 'invited', 'disabled']) })}`],
  ['users, group', (draws) => `/console/users?${asQuery({ group: draws.smallGroup().name })}`],
  ['users, role', (draws) => `/console/users?${asQuery({ role: draws.role().name })}`],
  [
    'users, with their groups',
    (draws) => `/console/users?${asQuery({ q: draws.customer().username.slice(0, 3), 'column:groups': 'yes' })}`,
  ],
  ['groups, q', (draws) => `/console/groups?${asQuery({ q: draws.group().name.slice(0, 4) })}`],
];

const asQuery = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

const addressOf = ({ path }: ConsolePage, draws: Draws) =>
  path.replace(/:(\w+)/g, (_, param: string) => idsOf[param]?.(draws) ?? '');

function look(name: string, about: string, address: (draws: Draws) => string): ScaleOperation {
  return {
    name: `console ${name}`,
    about,
    async begin(place) {
      // Signed in for each page anew: some ask for a sign-in that was just now.
      const browser = await enterConsole(place, owner, '/console/roles');
      return async () => expectPage(await browser.open(address(place.draws)));
    },
  };
}

/** Every page of the console, whoever added it. */
export const consoleOperations: ScaleOperation[] = [
  ...pages.map((page) =>
    look(page.path.replace('/console', '') || '/', `GET ${page.path}`, (draws) => addressOf(page, draws)),
  ),
  ...searches.map(([name, address]) => look(name, 'a search', address)),
];
