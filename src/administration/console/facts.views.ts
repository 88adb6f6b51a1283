import type { Words } from '../../platform/view-model.ts';

/** The fields of a form that cannot be changed, in words. */
export function factsOf(
  form: Record<string, string | undefined>,
  labels: Record<string, string>,
  { flags, t }: { flags: string[]; t: Words['t'] },
) {
  const yesOrNo = (value: string | undefined) => t(value ? 'consoleGroup.yes' : 'consoleGroup.no');
  return Object.entries(labels).map(([field, term]) => ({
    term,
    value: flags.includes(field) ? yesOrNo(form[field]) : form[field] || '–',
  }));
}
