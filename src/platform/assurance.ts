/**
 * How well a user's identity was proved. Everything follows from `amr`, the methods (RFC 8176) that were used in this
 * session. `acr` is the same in the terms of the application's request.
 */

/** One factor (REFEDS SFA), several (REFEDS MFA), and several that a false page cannot pass on (OpenID EAP ACR Values 1.0). */
export const SFA = 'https://refeds.org/profile/sfa';
export const MFA = 'https://refeds.org/profile/mfa';
export const PHR = 'phr';

/** The higher includes the lower. */
export const Assurance = { none: 0, single: 1, multi: 2, phishingResistant: 3 } as const;
export type Assurance = (typeof Assurance)[keyof typeof Assurance];

const levels = new Map<string, Assurance>([
  [SFA, Assurance.single],
  [MFA, Assurance.multi],
  [PHR, Assurance.phishingResistant],
]);

export const ACR_VALUES = [...levels.keys()];

/** What an application wants to be sure of: values in order of preference. */
export interface AcrWish {
  values: string[];
  /** The sign-in fails when none of them can be had (OpenID Connect Core 5.5.1.1); otherwise it goes on with less. */
  isEssential: boolean;
}

export const NO_WISH: AcrWish = { values: [], isEssential: false };

export function assuranceOf(amr: string[]): Assurance {
  if (amr.length === 0) return Assurance.none;
  if (!amr.includes('mfa')) return Assurance.single;
  return amr.includes('pop') ? Assurance.phishingResistant : Assurance.multi;
}

/** The wanted levels in order of preference; unknown values ask for nothing that could be done. */
export function levelsOf({ values }: AcrWish): Assurance[] {
  return values.flatMap((value) => levels.get(value) ?? []);
}

/** True when one of the wanted values holds; also when nothing is wanted. */
export function fulfils(amr: string[], wish: AcrWish): boolean {
  return wish.values.length === 0 || levelsOf(wish).some((level) => level <= assuranceOf(amr));
}

/** The first wanted value that holds, else the one that most applications know. */
export function acrOf(amr: string[], { values }: AcrWish): string | undefined {
  const assurance = assuranceOf(amr);
  if (assurance === Assurance.none) return undefined;
  const wanted = values.find((value) => (levels.get(value) ?? Infinity) <= assurance);
  return wanted ?? (assurance >= Assurance.multi ? MFA : SFA);
}

/** Methods that were added to what was proved before. */
export function addMethods(before: string[], proved: string[]): string[] {
  return [...new Set([...before, ...proved])];
}
