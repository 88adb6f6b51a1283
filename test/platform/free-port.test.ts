import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, holdPort } from '../../src/platform/free-port.ts';

async function listen(port: number): Promise<() => Promise<unknown>> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return () => once(server.close(), 'close');
}

describe('a port', () => {
  it('can be listened on', async () => {
    const stop = await listen(await freePort());
    await stop();
  });

  it('is none that a system gives to a program that names none', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, freePort));
    expect(Math.max(...ports)).toBeLessThan(32_768);
    expect(Math.min(...ports)).toBeGreaterThan(1023);
  });

  it('that is held can be used only after its release', async () => {
    const { port, release } = await holdPort();
    await expect(listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await release();
    const stop = await listen(port);
    await stop();
  });

  it('that is taken is passed over', async () => {
    const held = await Promise.all(Array.from({ length: 300 }, holdPort));
    expect(new Set(held.map(({ port }) => port)).size).toBe(300);
    await Promise.all(held.map(({ release }) => release()));
  });
});
