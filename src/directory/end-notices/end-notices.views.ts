import type { ViewModels, Words } from '../../platform/view-model.ts';

interface MembersEnd extends Words {
  members: { username: string; until: number }[];
  /** How many are not listed. */
  others: number;
}

function listOf({ members, others, t, when }: MembersEnd) {
  const lines = members.map(({ username, until }) => `${username}: ${when(until)}`);
  const more = others > 0 ? [t('mail.members-end.others', { count: others })] : [];
  return { list: [...lines, ...more].join('\n') };
}

export const endNoticeViewModels: ViewModels = {
  'mail/members-end.html': listOf,
  'mail/members-end.text': listOf,
};
