import type { GroupExplanation, Reason } from './group-explanation.ts';

/** Whom and what the sentence is about. */
export interface About {
  user: string;
  application: string;
  prefix: string;
}

const timeOf = (at: Date | undefined) => at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '';

/** The reason as an English sentence: `Ada was a member of Pilots until 2027-01-01T00:00:00Z.` */
export function textOf(explanation: GroupExplanation, { user, application, prefix }: About): string {
  const { group, reason, paths, isDirect, from, until } = explanation;
  // The last of a path is the subgroup of the group itself.
  const through = paths[0]?.at(-1);
  const member = isDirect || !through ? 'a direct member' : 'a member';
  const via = isDirect || !through ? '' : ` through its subgroup ${through.name}`;
  const end = until ? ` until ${timeOf(until)}` : '';
  const sentences: Record<Reason, string> = {
    user_disabled: `${user} is disabled, so ${application} receives no tokens.`,
    not_a_member: `${user} is not a member of ${group.name}.`,
    membership_ended: `${user} was a member of ${group.name}${via}${end}.`,
    membership_not_begun: `The membership of ${user} in ${group.name}${via} begins at ${timeOf(from)}.`,
    no_access: `${user} may not sign in to ${application}, so it receives no tokens.`,
    not_issued: `${application} cannot be issued tokens as it is configured.`,
    scope_not_granted: `The scope groups is not granted to ${application}.`,
    not_in_tokens: `The claim policy of ${application} includes groups nowhere.`,
    group_not_listed: `The claim policy of ${application} includes only certain groups, and ${group.name} is not one of them.`,
    prefix_differs: `The claim policy of ${application} includes only groups whose names start with '${prefix}'.`,
    inherited_excluded: `The claim policy of ${application} includes only direct memberships, and ${user} is a member of ${group.name}${via}.`,
    direct_member: `${user} is ${member} of ${group.name}${end}, so ${application} receives it.`,
    inherited_member: `${user} is a member of ${group.name}${via}${end}, so ${application} receives it.`,
    distributed_claim: `${user} is ${member} of ${group.name}${via}${end}, and ${application} receives it, but not in every token: the list is too long and is a distributed claim there.`,
  };
  return sentences[reason];
}
