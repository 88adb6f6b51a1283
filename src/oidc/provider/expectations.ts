import { Provider } from 'oidc-provider';

const expected = new WeakMap<object, Map<string, number>>();

/**
 * What the protocol request under way has evidence of, in a token or in a session just read: that this grant or session had
 * this version. Another node may have written it a moment ago, so only what is at least as new may be taken from memory;
 * and without evidence nothing.
 */
export function expectVersion(id: string, version: number): void {
  const { ctx } = Provider;
  if (!ctx) return;
  const ofRequest = expected.get(ctx) ?? new Map<string, number>();
  expected.set(ctx, ofRequest);
  ofRequest.set(id, Math.max(version, ofRequest.get(id) ?? 0));
}

export const expectedVersion = (id: string): number | undefined =>
  Provider.ctx ? expected.get(Provider.ctx)?.get(id) : undefined;
