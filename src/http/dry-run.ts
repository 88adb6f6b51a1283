import type { z } from 'zod';
import { touchesReply, type FindTouches, type Touched } from '../base/touch.ts';

interface DryRunOptions<P> {
  kind: Touched['kind'];
  idOf(params: P): string;
  /** Throws when the thing is not there. */
  get(id: string): Promise<unknown>;
  findTouches: FindTouches;
}

/** The dry run of a call that changes or removes one thing: what every room has of it. */
export function dryRunOf<P>({ kind, idOf, get, findTouches }: DryRunOptions<P>) {
  return {
    reply: touchesReply,
    async handle({ params }: { params: P }): Promise<z.input<typeof touchesReply>> {
      const id = idOf(params);
      await get(id);
      return { result: { touches: await findTouches({ kind, id }) } };
    },
  };
}
