import { setTimeout } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';
import { themselves } from '../../src/platform/actor.ts';
import type { User } from '../../src/directory/users/user.ts';
import type { PlainBrowser, Visit } from '../../src/demo/plain-browser.ts';
import type { TestApp } from './app.ts';

const STEP_MS = 30_000;

/** What an app shows for a secret, `steps` later than now. */
export function codeOf(secret: string, { at = Date.now(), steps = 0 } = {}): string {
  return new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate({
    timestamp: at + steps * STEP_MS,
  });
}

/** An authenticator app of theirs, with the recovery codes that came with it. Its codes of before the present one are used up. */
export async function giveTotp({ app }: TestApp, user: User, at = Date.now()) {
  const { token, secret } = app.mfa.totp.offer(user);
  const code = codeOf(secret, { at: at + (await awayFromStepEnd(at)), steps: -1 });
  const added = await app.mfa.factors.addTotp(themselves(user), user, token, code);
  if (!added) throw new Error('The code was not accepted.');
  return { secret, recoveryCodes: added.recoveryCodes ?? [] };
}

/** The code before the present one is refused once the present one has ended: waits for the next if it is about to end. */
async function awayFromStepEnd(at: number): Promise<number> {
  const left = STEP_MS - (at % STEP_MS);
  if (left > 3000) return 0;
  await setTimeout(left);
  return left;
}

/** The secret that a page for setting up an app shows. */
export function shownSecret({ html }: Visit): string {
  const [, secret] = /id="secret">([A-Z2-7 ]+)</.exec(html) ?? [];
  if (!secret) throw new Error('This page shows no secret.');
  return secret;
}

/** Goes on behind the page of the recovery codes, and returns them. */
export async function keepCodes(browser: PlainBrowser, visit: Visit): Promise<{ codes: string[]; visit: Visit }> {
  const codes = [...visit.html.matchAll(/<code>([a-z0-9-]+)<\/code>/g)].map(([, code = '']) => code);
  const [, href = ''] = /id="continue" href="([^"]+)"/.exec(visit.html) ?? [];
  return { codes, visit: await browser.open(new URL(href.replaceAll('&amp;', '&'), visit.address).href) };
}

/** The cookies as one header; of those with a path of their own, the newest of each name. */
export function cookieHeader(browser: PlainBrowser): string {
  const newest = new Map(browser.cookies().map((cookie) => [cookie.split('=')[0], cookie]));
  return [...newest.values()].join('; ');
}
