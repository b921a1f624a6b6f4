import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Who connects while nobody listens is let down after this: gRPC would try and fail without a break. */
const NOBODY_MS = 100;

/** A piece of a connection's bytes on its way. */
interface Piece {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** Connections to a port of this machine, through which faults come. */
export class Relay {
  /** Added to each piece that passes, in milliseconds. */
  delayMs = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #thaw: (() => void) | undefined;
  #thawed: Promise<void> = Promise.resolve();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      this.#join(client, connect(targetPort, '127.0.0.1'));
    });
  }

  static async open(targetPort: number): Promise<Relay> {
    const relay = new Relay(targetPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection; what was on its way is lost. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Holds everything back: both ends believe that they are connected, and hear nothing. */
  freeze(): void {
    if (this.#thaw !== undefined) return;
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  /** Ends a freeze. */
  thaw(): void {
    this.#thaw?.();
    this.#thaw = undefined;
  }

  async close(): Promise<void> {
    this.thaw();
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(client: Socket, target: Socket): void {
    const pair = [client, target] as const;
    this.#pairs.add(pair);
    let nobodyMs = NOBODY_MS;
    target.once('connect', () => {
      nobodyMs = 0;
    });
    for (const socket of pair) {
      socket.setNoDelay();
      socket.on('error', () => undefined);
      // A process that ends says goodbye; only faults reset.
      socket.on('end', () => {
        for (const end of pair) if (end !== socket) end.end();
      });
      socket.on('close', () => {
        this.#pairs.delete(pair);
        setTimeout(() => {
          for (const end of pair) end.destroy();
        }, nobodyMs);
      });
    }
    this.#forward(client, target);
    this.#forward(target, client);
  }

  #forward(from: Socket, to: Socket): void {
    const pieces: Piece[] = [];
    let moving = false;
    const move = async () => {
      moving = true;
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
        const waitMs = piece.dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await this.#thawed;
        if (to.destroyed) return;
        if (!to.write(piece.bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      moving = false;
    };
    from.on('data', (bytes: Buffer) => {
      pieces.push({ bytes, dueMs: performance.now() + this.delayMs });
      if (!moving) move().catch(() => to.resetAndDestroy());
    });
  }
}
