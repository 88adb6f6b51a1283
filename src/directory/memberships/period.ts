import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import { onceForEach } from '../../platform/once-for-each.ts';

/** When a membership counts: at and after `from`, before `until`. Without them, from the beginning and for good. */
export interface Period {
  from?: Date | undefined;
  until?: Date | undefined;
}

/** null takes a limit away. */
export interface PeriodChange {
  from?: Date | null | undefined;
  until?: Date | null | undefined;
}

export const always: Period = {};

export const MEMBERSHIP_SOURCES = ['service', 'administrator', 'group_owner', 'job', 'system'] as const;

/** Who or what added the member: see `Membership` in the API document. */
export type MembershipSource = (typeof MEMBERSHIP_SOURCES)[number];

/** That a user is in a group: since when, and who put them there. It counts only within its period. */
export interface Membership extends Period {
  group: Id;
  since: Date;
  by: string;
  source?: MembershipSource | undefined;
  /** The job that added it. */
  job?: Id | undefined;
}

/** The year 3000: later times are milliseconds by mistake. */
const LAST_SECOND = 32_503_680_000;

const secondsShape = z
  .number()
  .int()
  .min(0)
  .max(LAST_SECOND, 'must be a time in Unix seconds, before the year 3000')
  .transform((seconds) => new Date(seconds * 1000));

export const fromShape = secondsShape
  .nullable()
  .meta({ description: 'When the membership begins, in Unix seconds; null for at once.', example: 1_775_000_000 });
export const untilShape = secondsShape.nullable().meta({
  description: 'When the membership ends, in Unix seconds: from this second on it counts nowhere. null for never.',
  example: 1_780_000_000,
});

/** Absent and null say the same of a new membership. */
export const toPeriod = ({
  from,
  until,
}: {
  from?: Date | null | undefined;
  until?: Date | null | undefined;
}): Period => ({
  ...(from ? { from } : {}),
  ...(until ? { until } : {}),
});

/** Why a membership cannot have this period; undefined if it can. */
export function faultOfPeriod({ from, until }: Period, at: Date): { field: 'until'; detail: string } | undefined {
  if (!until) return undefined;
  if (until <= at) return { field: 'until', detail: 'must be in the future' };
  return from && until <= from ? { field: 'until', detail: 'must be after from' } : undefined;
}

export const hasBegun = ({ from }: Period, at: Date): boolean => !from || from <= at;
export const hasEnded = ({ until }: Period, at: Date): boolean => until !== undefined && until <= at;

/** Whether time alone can change which of these count. */
export const hasPeriods = onceForEach((periods: readonly Period[]): boolean =>
  periods.some(({ from, until }) => from !== undefined || until !== undefined),
);

export const isCurrent = (period: Period, at: Date): boolean => hasBegun(period, at) && !hasEnded(period, at);

export const membershipReply = z
  .strictObject({
    since: z.number().int().meta({ description: 'When the user was added.' }),
    by: z.string().meta({ description: 'Who added the user: a client ID, a user ID, or `cohort`.' }),
    source: z.enum(MEMBERSHIP_SOURCES).nullable().meta({
      description: 'How the user was added: by a service, an administrator, a group owner, or a job.',
    }),
    job_id: z.string().nullable().meta({ description: 'The job that added the user.' }),
    from: z.number().int().nullable(),
    until: z.number().int().nullable().meta({ description: 'null for a membership without an end.' }),
  })
  .meta({ id: 'Membership' });

const secondsOf = (time: Date | undefined) => (time ? unixSeconds(time) : null);

/** As the API and the audit log have it. */
export const presentPeriod = ({ from, until }: Period) => ({ from: secondsOf(from), until: secondsOf(until) });

export const presentMembership = ({
  since,
  by,
  source,
  job,
  from,
  until,
}: Membership): z.input<typeof membershipReply> => ({
  since: unixSeconds(since),
  by,
  source: source ?? null,
  job_id: job ?? null,
  ...presentPeriod({ from, until }),
});
