import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  cut(): void;
  /** Cuts every connection on which this text is sent to the database, such as the name of a collection. */
  cutWhenSent(text: string): void;
  mend(): void;
  close(): Promise<void>;
}

/** Stands between an app and its database, and can be cut and mended like a network. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const open = new Set<Socket>();
  let isCut = false;
  let cutText: string | undefined;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const upstream = connect(targetPort, '127.0.0.1');
    for (const end of [socket, upstream]) {
      open.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        open.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.on('data', (chunk: Buffer) => {
      if (cutText !== undefined && chunk.includes(cutText)) socket.destroy();
    });
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutWhenSent: (text) => void (cutText = text),
    mend() {
      isCut = false;
      cutText = undefined;
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
