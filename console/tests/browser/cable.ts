// The cable between a browser and its centre, that somebody can pull out: nothing comes through any more, and nothing says so.

import { connect, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  private readonly ends = new Set<Socket>();
  private isOut = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** A cable to a port of this machine. */
  static async to(port: number): Promise<Cable> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    const cable = new Cable(server, `http://localhost:${address.port}`);
    server.on('connection', (near) => cable.join(near, connect(port, '127.0.0.1')));
    return cable;
  }

  private join(near: Socket, far: Socket): void {
    for (const [end, other] of [[near, far], [far, near]] as const) {
      this.ends.add(end);
      end.on('data', (data) => other.write(data));
      end.on('end', () => other.end());
      end.on('error', () => undefined);
      end.on('close', () => {
        this.ends.delete(end);
        other.destroy();
      });
      if (this.isOut) end.pause();
      else end.resume();
    }
  }

  pull(): void {
    this.isOut = true;
    for (const end of this.ends) end.pause();
  }

  plug(): void {
    this.isOut = false;
    for (const end of this.ends) end.resume();
  }

  remove(): void {
    this.server.close();
    for (const end of this.ends) end.destroy();
  }
}
