import { createServer, type Socket } from 'node:net';
import { systemClock, type Clock } from './clock.js';
import type { Logger } from './logger.js';
import { protocolOf } from './protocol.js';

/** A connection that has not said by then which protocol it speaks is closed. */
const SILENCE_MS = 5_000;
/** Connections at a time; further ones are dropped at once. */
const MAX_CONNECTIONS = 4_096;

const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/** Takes a connection over, with every byte it has sent. */
export type OnConnection = (socket: Socket) => void;

export interface FrontDoorOptions {
  readonly onHttp1: OnConnection;
  readonly onHttp2: OnConnection;
  readonly log: Logger;
  readonly clock?: Clock;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** One port for HTTP/1.1 and gRPC over HTTP/2: the first bytes tell which. */
export interface FrontDoor {
  /** @throws Error of the system, such as EADDRINUSE */
  listen(at: Listening): Promise<Listening>;
  /**
   * Accepts nothing more and drops connections that have said nothing. Those who took the others over
   * end what is idle; what is still open after the grace is cut.
   */
  close(graceMs: number): Promise<void>;
}

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { log, clock = systemClock } = options;
  const open = new Set<Socket>();
  const undecided = new Set<Socket>();
  // What the end of the client's side means is for the one who takes the connection over.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    undecided.add(socket);
    socket.on('error', (err) => log.debug({ err }, 'connection broke'));
    socket.on('close', () => {
      open.delete(socket);
      undecided.delete(socket);
    });
    decide(socket, clock, (protocol) => {
      undecided.delete(socket);
      if (protocol === 'http1') {
        options.onHttp1(socket);
        return;
      }
      // HTTP/2 never sees the end of a half-open socket: the streams of a client that has gone would stand,
      // and a task given to one of them waited 20 s for its lease to run out, now 20 ms.
      socket.allowHalfOpen = false;
      options.onHttp2(socket);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', () => log.warn({ limit: MAX_CONNECTIONS }, 'connection refused: too many are open'));

  return {
    listen: (at) => listen(server, at, log),
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of undecided) socket.destroy();
      const takeBack = clock.after(graceMs, () => {
        for (const socket of open) socket.destroy();
      });
      await closed;
      takeBack();
    },
  };
}

function listen(
  server: ReturnType<typeof createServer>,
  { host, port }: Listening,
  log: Logger,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      server.on('error', (err) => log.error({ err }, 'listener failed'));
      const address = server.address();
      resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}

/** Reads just enough to tell the protocol and puts it back. */
function decide(socket: Socket, clock: Clock, decided: (protocol: 'http1' | 'http2') => void): void {
  let first = Buffer.alloc(0);
  const takeBack = clock.after(SILENCE_MS, () => socket.destroy());
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    first = Buffer.concat([first, chunk]);
    const protocol = protocolOf(first);
    if (protocol !== undefined) leave(protocol);
  };
  const leave = (protocol: 'http1' | 'http2') => {
    stop();
    socket.unshift(first);
    decided(protocol);
  };
  // `P` or `PR` and no more: neither protocol.
  const onEnd = () => {
    stop();
    socket.end(first.length > 0 ? BAD_REQUEST : '');
  };
  const stop = () => {
    takeBack();
    socket.off('readable', onReadable);
    socket.off('end', onEnd);
    socket.off('close', stop);
  };
  socket.on('readable', onReadable);
  socket.on('end', onEnd);
  socket.on('close', stop);
}
