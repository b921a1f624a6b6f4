import type { FastifyInstance } from 'fastify';
import type { Clock } from '../runtime/clock.js';

/** How long the rest of a refused upload is read and dropped. */
const LINGER_MS = 10_000;

/**
 * Keeps a connection open for a while after an answer that came before the request was whole, and drops what
 * still arrives: closing at once would reset the connection, and a client that is sending would never read
 * the answer.
 */
export function lingerAfterAnswer(app: FastifyInstance, clock: Clock): void {
  app.addHook('onSend', ({ raw }, reply, _payload, done) => {
    // Set by the framework for a body above its limit, to close at once.
    if (!raw.complete) void reply.removeHeader('connection');
    done();
  });
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    done();
    if (raw.complete || raw.destroyed) return;
    const takeBack = clock.after(LINGER_MS, () => raw.socket.destroy());
    raw.once('end', takeBack);
    raw.once('close', takeBack);
    // A form parser that gave up holds the stream still.
    raw.unpipe();
    raw.resume();
  });
}
