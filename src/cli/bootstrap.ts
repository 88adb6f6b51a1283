import { readFile } from 'node:fs/promises';
import type { House } from '../app/app.ts';
import { newApplicationShape } from '../directory/applications/application.ts';
import { system } from '../platform/actor.ts';
import { InvalidInput } from '../platform/errors.ts';
import { parseBody } from '../platform/http/validate.ts';

export interface BootstrapOptions {
  ownerEmail?: string;
  ownerPasswordFile?: string;
  service?: string;
  clientId?: string;
  scopes: string;
}

/** Makes what a new Cohort needs to be used, and returns it with its credentials, which are shown only once. */
export async function bootstrap(house: House, options: BootstrapOptions): Promise<Record<string, unknown>> {
  const owner = await firstOwner(house, options);
  const service = options.service ? { service: await newService(house, options.service, options) } : {};
  return { issuer: house.issuer, ...owner, ...service };
}

async function firstOwner(
  { firstRun }: House,
  { ownerEmail, ownerPasswordFile }: BootstrapOptions,
): Promise<Record<string, unknown>> {
  if (!ownerEmail) return (await firstRun.isNeeded()) ? { setup_link: await firstRun.makeLink() } : {};
  if (!ownerPasswordFile) throw InvalidInput({ detail: '--owner-email requires --owner-password-file.' });
  const password = (await readFile(ownerPasswordFile, 'utf8')).trimEnd();
  const owner = await firstRun.makeOwner({ email: ownerEmail, firstName: '', lastName: '', password });
  return { owner: { user_id: owner.id, username: owner.username } };
}

async function newService(
  { applications, scopes: known }: House,
  name: string,
  { clientId, scopes }: BootstrapOptions,
): Promise<Record<string, unknown>> {
  const wanted = scopes === 'all' ? Object.keys(known) : scopes.split(/[\s,]+/).filter(Boolean);
  const unknown = wanted.filter((scope) => !(scope in known));
  if (unknown.length > 0)
    throw InvalidInput({
      detail: `--scopes: ${unknown.join(', ')}: unknown. The scopes are: ${Object.keys(known).sort().join(', ')}.`,
    });
  const fields = parseBody(newApplicationShape, {
    name,
    type: 'service',
    scopes: wanted,
    ...(clientId ? { client_id: clientId } : {}),
  });
  const { application, secret } = await applications.create(system, fields);
  return { client_id: application.id, client_secret: secret, scopes: application.adminScopes };
}
