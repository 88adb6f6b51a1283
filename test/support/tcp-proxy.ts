import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  cut(): void;
  /** Cuts every connection on which this text is sent to the database, such as the name of a collection. */
  cutWhenSent(text: string): void;
  /** Nothing comes any more on a connection on which the database answers with this text; others go on. */
  holdWhenAnswered(text: string): void;
  mend(): void;
  close(): Promise<void>;
}

/** Stands between an app and its database, and can be cut and mended like a network. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const open = new Set<Socket>();
  let isCut = false;
  let cutText: string | undefined;
  let heldText: string | undefined;
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
    socket.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (heldText !== undefined && chunk.includes(heldText)) upstream.pause();
      else socket.write(chunk);
    });
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
    holdWhenAnswered: (text) => void (heldText = text),
    mend() {
      isCut = false;
      cutText = undefined;
      heldText = undefined;
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
