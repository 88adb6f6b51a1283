import { startHouse, type TestHouse } from './app.ts';
import { startProxy, type Proxy } from './tcp-proxy.ts';

/** A second node on the same database, with a network between the two that can be cut. */
export async function startRemoteHouse(
  { uri, issuer }: TestHouse,
  settings: Record<string, string> = {},
): Promise<{ remote: TestHouse; proxy: Proxy; stop(): Promise<void> }> {
  const target = Number(/127\.0\.0\.1:(\d+)/.exec(uri)?.[1]);
  const proxy = await startProxy(target);
  // Without the replica set's name, or the driver would go where its members say they are, past the proxy.
  const through = uri.replace(String(target), String(proxy.port)).replace(/replicaSet=[^&]*/, 'directConnection=true');
  const remote = await startHouse({ uri: through, settings: { COHORT_ISSUER: issuer, ...settings } });
  return {
    remote,
    proxy,
    async stop() {
      proxy.mend();
      await remote.house.stop();
      await proxy.close();
    },
  };
}
