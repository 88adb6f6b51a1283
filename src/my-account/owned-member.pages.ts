import { InvalidInput, isError } from '../platform/errors.ts';
import type { PageReply } from '../platform/http/form-page.ts';
import type { Memberships } from '../directory/memberships/memberships.ts';
import type { Period, PeriodChange } from '../directory/memberships/period.ts';
import { PERIOD_FIELDS, readPeriod, showPeriod, type PeriodField } from '../directory/memberships/typed-period.ts';
import type { AccountPage, Visit } from './visit.pages.ts';

export interface OwnedMemberPagesOptions {
  memberships: Pick<Memberships, 'memberAsOwner' | 'setPeriodAsOwner'>;
}

interface Refused {
  faulty: PeriodField;
}

/** Where owners of a group see when the membership of a member begins and ends, and change it. */
export function ownedMemberPages({ memberships }: OwnedMemberPagesOptions): AccountPage[] {
  const zoneOf = ({ user }: Visit) => user.zoneinfo ?? 'UTC';
  const groupOf = ({ request }: Visit) => request.params['id'] ?? '';
  const memberOf = ({ request }: Visit) => request.params['member'] ?? '';

  async function show(visit: Visit, refused?: Refused): Promise<PageReply> {
    const { user, request } = visit;
    const { group, member, membership } = await memberships.memberAsOwner(user.id, groupOf(visit), memberOf(visit));
    const form = refused ? request.fields : showPeriod(membership, zoneOf(visit));
    const faults = refused ? { [refused.faulty]: 'invalid' } : {};
    return {
      view: 'account/group-member',
      model: { tab: 'groups', username: user.username, faults, group, member, form, zone: zoneOf(visit) },
      reader: { locale: user.locale, timeZone: user.zoneinfo },
      ...(refused ? { status: 400 } : {}),
    };
  }

  async function change(visit: Visit): Promise<PageReply> {
    const { fields } = visit.request;
    const typed = readPeriod(fields, zoneOf(visit));
    if ('faulty' in typed) return show(visit, typed);
    const { membership } = await memberships.memberAsOwner(visit.user.id, groupOf(visit), memberOf(visit));
    const changed = changesOf(membership, { typed, fields, zone: zoneOf(visit) });
    try {
      await memberships.setPeriodAsOwner(visit.actor, groupOf(visit), memberOf(visit), changed);
    } catch (error) {
      if (!isError(error, InvalidInput)) throw error;
      return show(visit, { faulty: 'until' });
    }
    return { redirect: `/account/groups/${groupOf(visit)}?done=period_changed` };
  }

  return [{ path: '/account/groups/:id/members/:member', show: (visit) => show(visit), submit: change }];
}

interface Typed {
  typed: Record<PeriodField, Date | null>;
  fields: Record<string, string | undefined>;
  zone: string;
}

/** A field that says what it was shown with stays as it is: it shows no seconds, which would be lost. */
function changesOf(period: Period, { typed, fields, zone }: Typed): PeriodChange {
  const shown = showPeriod(period, zone);
  const changed = PERIOD_FIELDS.filter((name) => (fields[name] ?? '') !== shown[name]);
  return Object.fromEntries(changed.map((name) => [name, typed[name]]));
}
