import { pageOfItems, toPageRequest } from '../platform/paging.ts';
import { timeKey } from '../platform/sort-keys.ts';
import { unixSeconds } from '../platform/clock.ts';
import { isError } from '../platform/errors.ts';
import { describeDevice } from '../platform/user-agent.ts';
import { FactorNotFound, hasFactor, passkeyNameShape, TotpAlreadyEnrolled } from '../authentication/mfa/factor.ts';
import type { Added } from '../authentication/mfa/factors.ts';
import { proposedName } from '../authentication/mfa/passkey-name.ts';
import { presentOffer } from '../authentication/mfa/qr-code.ts';
import type { Mfa } from '../authentication/mfa/module.ts';
import type { PageReply, ViewReply } from '../platform/http/form-page.ts';
import type { AccountPage, Visit } from './visit.pages.ts';

export interface SecurityPagesOptions {
  mfa: Pick<Mfa, 'factors' | 'totp' | 'passkeys'>;
  /** Notes that this session was proved by more methods (RFC 8176): who has just set up a factor has shown that they have it. */
  addMethods(userId: string, uid: string, methods: string[]): Promise<void>;
}

const HOME = '/account/security';

/** What one signs in with besides the password. Each change wants a sign-in of just now. */
export function securityPages({ mfa, addMethods }: SecurityPagesOptions): AccountPage[] {
  const { factors, totp, passkeys } = mfa;

  const page = (name: string, { user, request }: Visit, model: Record<string, unknown>): ViewReply => ({
    view: `account/${name}`,
    model: { tab: 'security', username: user.username, done: request.query['done'], ...model },
    reader: { locale: user.locale, timeZone: user.zoneinfo },
  });
  const done = (what: string): PageReply => ({ redirect: `${HOME}?done=${what}` });

  async function overview(visit: Visit, faults: Record<string, string> = {}): Promise<ViewReply> {
    const held = await factors.find(visit.user.id);
    const { items: devices, ...deviceCursors } = pageOfItems(
      await factors.listDevices(visit.user.id),
      pageAt(visit, 'devices'),
      ({ createdAt, id }) => timeKey(createdAt, id),
    );
    const { items: passkeysHere, ...passkeyCursors } = pageOfItems(
      held.passkeys,
      pageAt(visit, 'passkeys'),
      ({ createdAt, id }) => timeKey(createdAt, id),
    );
    return page('security', visit, {
      hasFactor: hasFactor(held),
      totp: held.totp && timesOf(held.totp),
      passkeyCursors,
      deviceCursors,
      passkeys: passkeysHere.map((passkey) => ({ ...passkey, ...timesOf(passkey) })),
      recoveryCodes: held.recoveryCodes && { ...held.recoveryCodes, ...timesOf(held.recoveryCodes) },
      devices: devices.map((device) => ({
        id: device.id,
        address: device.address,
        ...describeDevice(device.userAgent),
        ...timesOf(device),
        expiresAt: unixSeconds(device.expiresAt),
      })),
      faults,
    });
  }

  /** One form for each thing to do, told apart by its button. */
  async function change(visit: Visit): Promise<PageReply> {
    const { actor, user, request } = visit;
    const { remove, rename, forget, renew, name = '' } = request.fields;
    try {
      if (remove) return await removeFactor(visit, remove);
      if (rename) return await renamePasskey(visit, rename, name);
      if (forget) return done((await factors.forgetDevice(actor, user, forget)) ? 'forgotten' : 'missing');
    } catch (error) {
      if (isError(error, FactorNotFound)) return done('missing');
      throw error;
    }
    if (!renew || !hasFactor(await factors.find(user.id))) return { redirect: HOME };
    return codesPage(visit, await factors.renewRecoveryCodes(actor, user), 'codes');
  }

  async function removeFactor({ actor, user, session }: Visit, id: string): Promise<PageReply> {
    await factors.remove(actor, user, id, session.uid);
    return done('removed');
  }

  async function renamePasskey(visit: Visit, id: string, typed: string): Promise<PageReply> {
    const { data: name } = passkeyNameShape.safeParse(typed);
    if (name === undefined) return { ...(await overview(visit, { [id]: 'name' })), status: 400 };
    await factors.renamePasskey(visit.actor, visit.user, id, name);
    return done('renamed');
  }

  async function totpPage(visit: Visit, faults: Record<string, string> = {}): Promise<ViewReply> {
    const { user, request } = visit;
    const offer = totp.resume(user, request.fields['token'] ?? '') ?? totp.offer(user);
    return page('security-totp', visit, { offer: presentOffer(offer), faults });
  }

  async function addTotp(visit: Visit): Promise<PageReply> {
    const { token = '', code = '' } = visit.request.fields;
    try {
      const added = await factors.addTotp(visit.actor, visit.user, token, code);
      if (added) return await finish(visit, added, 'totp', ['otp', 'mfa']);
      return { ...(await totpPage(visit, { code: code ? 'wrong' : 'missing' })), status: 400 };
    } catch (error) {
      if (isError(error, TotpAlreadyEnrolled)) return done('totp');
      throw error;
    }
  }

  async function passkeyPage(visit: Visit, form: { name: string }, faults: Record<string, string> = {}) {
    const options = await passkeys.registrationOptions(visit.user, visit.session.uid);
    return page('security-passkey', visit, { passkey: JSON.stringify(options), form, faults });
  }

  async function addPasskey(visit: Visit): Promise<PageReply> {
    const { name: typed = '', passkey: answer = '' } = visit.request.fields;
    const { data: name } = passkeyNameShape.safeParse(typed);
    if (name === undefined) return { ...(await passkeyPage(visit, { name: typed }, { name: 'name' })), status: 400 };
    const added = await factors.addPasskey(visit.actor, visit.user, { subject: visit.session.uid, answer, name });
    if (added) return finish(visit, added, 'passkey', ['pop', 'user', 'mfa']);
    return { ...(await passkeyPage(visit, { name }, { passkey: 'refused' })), status: 400 };
  }

  async function finish(visit: Visit, { recoveryCodes }: Added, what: string, methods: string[]): Promise<PageReply> {
    await addMethods(visit.user.id, visit.session.uid, methods);
    return recoveryCodes ? codesPage(visit, recoveryCodes, what) : done(what);
  }

  const codesPage = ({ user }: Visit, codes: string[], what: string): ViewReply => ({
    view: 'recovery-codes',
    model: { username: user.username, codes, continueAt: `${HOME}?done=${what}` },
    reader: { locale: user.locale, timeZone: user.zoneinfo },
  });

  return [
    { path: HOME, asksAfresh: 'to-submit', show: (visit) => overview(visit), submit: change },
    { path: `${HOME}/totp`, asksAfresh: 'to-show', show: (visit) => totpPage(visit), submit: addTotp },
    {
      path: `${HOME}/passkey`,
      asksAfresh: 'to-show',
      show: (visit) => passkeyPage(visit, { name: proposedName(visit.request.userAgent) }),
      submit: addPasskey,
    },
  ];
}

const timesOf = ({ createdAt, lastUsedAt }: { createdAt: Date; lastUsedAt?: Date | undefined }) => ({
  createdAt: unixSeconds(createdAt),
  ...(lastUsedAt ? { lastUsedAt: unixSeconds(lastUsedAt) } : {}),
});

const PAGE_SIZE = 50;

/** Each list of the page has a parameter of its own in the address. @throws BadCursor */
const pageAt = ({ request: { query } }: Visit, list: 'devices' | 'passkeys') =>
  toPageRequest(list, { limit: PAGE_SIZE, cursor: query[list] });
