import { startApp, type TestApp } from './app.ts';
import { startProxy, type Proxy } from './tcp-proxy.ts';

/** A second node on the same database, with a network between the two that can be cut. */
export async function startRemoteApp(
  { uri, issuer }: TestApp,
  settings: Record<string, string> = {},
): Promise<{ remote: TestApp; proxy: Proxy; stop(): Promise<void> }> {
  const target = Number(/127\.0\.0\.1:(\d+)/.exec(uri)?.[1]);
  const proxy = await startProxy(target);
  // Without the replica set's name, or the driver would go where its members say they are, past the proxy.
  const through = uri.replace(String(target), String(proxy.port)).replace(/replicaSet=[^&]*/, 'directConnection=true');
  const remote = await startApp({ uri: through, settings: { COHORT_ISSUER: issuer, ...settings } });
  return {
    remote,
    proxy,
    async stop() {
      proxy.mend();
      await remote.app.stop();
      await proxy.close();
    },
  };
}
