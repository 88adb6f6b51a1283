import { describeDevice } from '../../platform/user-agent.ts';

/** What a passkey is called until its owner calls it something else: where it was made. */
export function proposedName(userAgent: string): string {
  const { browser, system } = describeDevice(userAgent);
  return [browser, system].filter(Boolean).join(', ').slice(0, 60) || 'Passkey';
}
