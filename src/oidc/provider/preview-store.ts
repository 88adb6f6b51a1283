import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ProtocolStore } from './adapter.mongo.ts';
import type { ProviderStore } from './provider.ts';
import type { TokenName } from './self-contained-tokens.ts';

const never = async () => undefined;

/**
 * A store in memory for one preview: clients are the real ones, tokens are made as real ones are, and nothing is written.
 * `placed` are the models that exist at the beginning, by name and value.
 */
export function createPreviewStore(
  { adapter, tokens }: Pick<ProtocolStore, 'adapter' | 'tokens'>,
  placed: Partial<Record<string, Map<string, AdapterPayload>>>,
): ProviderStore {
  const kept = new Map(Object.entries(placed).map(([name, payloads]) => [name, new Map(payloads)]));

  function keep(name: string, value: string, payload: AdapterPayload): void {
    const payloads = kept.get(name) ?? new Map<string, AdapterPayload>();
    kept.set(name, payloads.set(value, { ...payload, kind: name }));
  }

  const memory = (name: string): Adapter => ({
    find: async (value) => kept.get(name)?.get(value),
    // Only a token that is too long to carry its state is stored. A cast, because no other model gets here.
    upsert: async (id, payload) => keep(name, tokens.nameStored(name as TokenName, id), payload),
    findByUid: async (uid) => kept.get(name)?.get(uid),
    findByUserCode: never,
    consume: never,
    destroy: never,
    revokeByGrantId: never,
  });

  return {
    adapter: (name) => (name === 'Client' ? { ...memory(name), find: adapter(name).find } : memory(name)),
    claimOnce: async () => true,
    tokens: {
      encode(name, payload) {
        const value = tokens.encode(name, payload);
        if (value !== undefined) keep(name, value, payload);
        return value;
      },
      nameStored: tokens.nameStored,
      prolongGrant: never,
      end: never,
      redeem: never,
      rotate: never,
    },
  };
}
