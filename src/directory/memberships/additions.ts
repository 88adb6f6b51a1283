import { z } from 'zod';
import { InvalidInput } from '../../platform/errors.ts';
import { idShape } from '../../platform/ids.ts';
import { usernameShape } from '../users/user.ts';
import { listOf, MOST_AT_ONCE, toNamed, type Named } from './membership.ts';
import { always, faultOfPeriod, fromShape, toPeriod, untilShape, type Period } from './period.ts';

/** A user to add, with the period of the membership. */
const memberShape = z
  .strictObject({
    user_id: idShape.optional(),
    username: usernameShape.optional(),
    from: fromShape.optional(),
    until: untilShape.optional(),
  })
  .refine((member) => (member.user_id === undefined) !== (member.username === undefined), {
    message: 'must have either user_id or username',
  });

export const addedShape = z
  .strictObject({
    user_ids: listOf(idShape)
      .optional()
      .meta({ example: ['4be2eff2574323ce'] }),
    usernames: listOf(usernameShape).optional().meta({ description: 'Instead of `user_ids`.' }),
    members: z
      .array(memberShape)
      .min(1, 'must have at least one user')
      .max(MOST_AT_ONCE, `must have at most ${MOST_AT_ONCE} users`)
      .optional()
      .meta({ description: 'Instead of `user_ids`: users with periods of their own. All by ID, or all by username.' }),
    from: fromShape.optional(),
    until: untilShape.optional(),
  })
  .superRefine((body, ctx) => {
    const given = [body.user_ids, body.usernames, body.members].filter((list) => list !== undefined);
    if (given.length !== 1)
      ctx.addIssue({ code: 'custom', message: 'must have exactly one of user_ids, usernames and members' });
    for (const fault of faultsOfMembers(body.members ?? []))
      ctx.addIssue({ code: 'custom', path: ['members', ...fault.path], message: fault.message });
  });

type Member = z.output<typeof memberShape>;

/** One list is of IDs or of usernames, and names nobody twice. */
function faultsOfMembers(members: Member[]): { path: (string | number)[]; message: string }[] {
  const byId = members[0]?.user_id !== undefined;
  const seen = new Set<string>();
  return members.flatMap(({ user_id: id, username }, index) => {
    const name = byId ? id : username;
    if (name === undefined) return [{ path: [index], message: 'must name the user in the same way as the first' }];
    if (seen.has(name)) return [{ path: [index], message: 'names a user who is already in the list' }];
    seen.add(name);
    return [];
  });
}

/** The users that a call adds, and the period of each membership. */
export interface Additions {
  named: Named;
  /** By the ID or username with which the call names the user. */
  periodOf(name: string): Period;
}

/** @throws InvalidInput for a period that is over or the wrong way round */
export function toAdditions(body: z.output<typeof addedShape>, at: Date): Additions {
  const common = toPeriod(body);
  const { members } = body;
  assertPeriods(members ? [] : [common], at, () => '#');
  if (!members) return { named: toNamed(body), periodOf: () => common };
  const periods = members.map(({ from, until }) =>
    toPeriod({ from: from === undefined ? body.from : from, until: until === undefined ? body.until : until }),
  );
  assertPeriods(periods, at, (index) => `#/members/${index}`);
  const names = members.map(({ user_id: id, username }) => id ?? username!);
  const byName = new Map(names.map((name, index) => [name, periods[index]!]));
  const named = members[0]!.user_id === undefined ? { usernames: names } : { userIds: names };
  return { named, periodOf: (name) => byName.get(name) ?? always };
}

/** @throws InvalidInput */
export function assertPeriods(periods: Period[], at: Date, pointerOf: (index: number) => string): void {
  const faults = periods.flatMap((period, index) => {
    const fault = faultOfPeriod(period, at);
    return fault ? [{ pointer: `${pointerOf(index)}/${fault.field}`, detail: fault.detail }] : [];
  });
  if (faults.length > 0) throw InvalidInput({ faults });
}

export const periodChangeShape = z
  .strictObject({ from: fromShape.optional(), until: untilShape.optional() })
  .refine(({ from, until }) => from !== undefined || until !== undefined, { message: 'must have from or until' });
