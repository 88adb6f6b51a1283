import type { Application } from '../../directory/applications/application.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { PostSignals } from '../shared-signals/signals.ts';

/** That an application's session of a user has ended (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutNotice {
  userId: string;
  clientId: string;
  /** Which session; the application knows it from its ID token. */
  sid: string;
}

export interface ClaimedNotice extends LogoutNotice {
  id: string;
  /** 1 for the first. */
  attempt: number;
}

/** Notices on their way. Each is forgotten when it was delivered, when it is given up, and in any case after a day. */
export interface LogoutOutbox {
  /** Joins the caller's transaction. */
  put(notices: LogoutNotice[], at: Date): Promise<void>;
  /** The applications that any are for. */
  clientIds(): Promise<string[]>;
  /** The one for this application that is due longest, nobody else's until `until`. */
  claim(clientId: string, now: Date, until: Date): Promise<ClaimedNotice | undefined>;
  /** Nothing when someone else has it by now. */
  postpone(notice: ClaimedNotice, dueAt: Date): Promise<void>;
  remove(notice: ClaimedNotice): Promise<void>;
}

export interface LogoutNoticesOptions {
  outbox: Pick<LogoutOutbox, 'put'>;
  isOn: boolean;
  applicationsByIds(ids: string[]): Promise<Application[]>;
  /** Those that receive security events learn of it that way too. */
  postSignals: PostSignals;
  newId: NewId;
  now: Clock;
}

/** In the transaction that ends the sessions: an application is not notified of what is rolled back. */
export type PostLogouts = (notices: LogoutNotice[]) => Promise<void>;

export interface Postings {
  /** Writes notices for the applications that want back-channel logout, and security events for those that receive them. */
  postLogouts: PostLogouts;
  /** The notices alone. */
  postNotices: PostLogouts;
  /** The security events alone, for a session that its user has ended: the provider sends back-channel logout by itself. */
  postRevoked: PostLogouts;
}

/** The applications are notified even if this node fails right after the transaction. */
export function createPostings(options: LogoutNoticesOptions): Postings {
  const { outbox, isOn, applicationsByIds, postSignals, newId, now } = options;

  async function postNotices(notices: LogoutNotice[]): Promise<void> {
    if (!isOn || notices.length === 0) return;
    const applications = await applicationsByIds([...new Set(notices.map(({ clientId }) => clientId))]);
    const told = new Set(applications.filter(wantsToBeTold).map(({ id }) => id));
    const wanted = notices.filter(({ clientId }) => told.has(clientId));
    if (wanted.length > 0) await outbox.put(wanted, now());
  }

  async function postEvents(notices: LogoutNotice[], details: Record<string, unknown> = {}): Promise<void> {
    if (notices.length === 0) return;
    const revoked = { event: 'session-revoked', details, at: now(), txn: newId() } as const;
    await postSignals(notices.map((notice) => ({ ...notice, ...revoked })));
  }

  return {
    postNotices,
    postRevoked: (notices) => postEvents(notices, { initiating_entity: 'user' }),
    async postLogouts(notices) {
      await postEvents(notices);
      await postNotices(notices);
    },
  };
}

const wantsToBeTold = ({ metadata }: Application) => typeof metadata['backchannel_logout_uri'] === 'string';
