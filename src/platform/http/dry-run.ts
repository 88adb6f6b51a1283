import type { z } from 'zod';
import type { Actor } from '../actor.ts';
import { touchesReply, type FindTouches, type Touch, type Touched } from '../impact.ts';

interface DryRunOptions<P> {
  kind: Touched['kind'];
  idOf(params: P): string;
  /** Throws when the thing is not there. */
  get(id: string): Promise<unknown>;
  findTouches: FindTouches;
}

/** The dry run of a call that changes or deletes one thing: the impact on every module. */
export function dryRunOf<P>({ kind, idOf, get, findTouches }: DryRunOptions<P>) {
  return {
    reply: touchesReply,
    async handle({ params, actor }: { params: P; actor: Actor }): Promise<z.input<typeof touchesReply>> {
      const id = idOf(params);
      await get(id);
      const touches = await findTouches({ kind, id });
      return { result: { touches: actor.limitedTo ? touches.map(withoutAdministrators) : touches } };
    },
  };
}

/** Administrators are in no group, so none is inside an admin scope; how many there are is told all the same. */
const withoutAdministrators = (touch: Touch): Touch =>
  touch.kind === 'administrators' ? { ...touch, examples: [] } : touch;
