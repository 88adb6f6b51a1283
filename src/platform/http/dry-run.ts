import type { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { impactReply, ImpactOf, Impact, Ref } from '../impact.ts';

interface DryRunOptions<P> {
  kind: Ref['kind'];
  idOf(params: P): string;
  /** Throws when the thing is not there. */
  get(id: string): Promise<unknown>;
  impactOf: ImpactOf;
}

/** Handles the dry run of a call that changes or deletes one thing: the impact on every module. */
export function dryRunOf<P>({ kind, idOf, get, impactOf }: DryRunOptions<P>) {
  return async ({ params, actor }: { params: P; actor: Actor }): Promise<z.input<typeof impactReply>> => {
    const id = idOf(params);
    await get(id);
    const impact = await impactOf({ kind, id });
    return { result: { impact: actor.adminScope ? impact.map(withoutAdministrators) : impact } };
  };
}

/** Administrators are in no group, so none is inside an admin scope; how many there are is told all the same. */
const withoutAdministrators = (impact: Impact): Impact =>
  impact.kind === 'administrators' ? { ...impact, examples: [] } : impact;
