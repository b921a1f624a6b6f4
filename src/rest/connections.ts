import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../runtime/clock.js';

export interface Connections {
  readonly serve: (connection: Duplex) => void;
  readonly close: (graceMs: number) => Promise<void>;
}

/** Knows every connection of a server, those that were handed to it too, so that it can end them. */
export function trackConnections(app: FastifyInstance, clock: Clock): Connections {
  const { server } = app;
  const open = new Set<Duplex>();
  let closing = false;
  let allClosed = (): void => undefined;
  server.on('connection', (connection: Duplex) => {
    open.add(connection);
    connection.once('close', () => {
      open.delete(connection);
      if (open.size === 0) allClosed();
    });
  });
  // A kept connection would otherwise stay open after the last answer.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
  // Node starts to watch its time limits, and to know which connections are idle, when a server listens;
  // one that is only handed connections has to be told so.
  app.addHook('onReady', (done) => {
    server.emit('listening');
    done();
  });

  return {
    serve: (connection) => void server.emit('connection', connection),
    async close(graceMs) {
      closing = true;
      server.closeIdleConnections();
      const closed = app.close();
      const takeBack = clock.after(graceMs, () => {
        for (const connection of open) connection.destroy();
      });
      if (open.size > 0) await new Promise<void>((resolve) => (allClosed = resolve));
      takeBack();
      await closed;
    },
  };
}
