import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { NeuronGate } from '../auth/neuron-gate.js';
import { Refusal } from '../domain/errors.js';
import type { Hotkey } from '../domain/ids.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { BodyReader } from './read-body.js';
import { readRequestHeaders, type SynapseHeaders } from './request-headers.js';
import { sendFailure, sendReply, type Answering } from './response.js';
import type { SynapseHandler } from './synapse.js';

/** Headers must have come by then. */
const HEADERS_MS = 10_000;
/** The whole request must have come by then. */
const REQUEST_MS = 300_000;
/** Dendrites keep connections; one that ends while a question is under way looks like a failure to them. */
const KEEP_ALIVE_MS = 65_000;
/** A caller that was refused gets so long to send the rest of its body, so that it reads why. */
const LINGER_MS = 10_000;

export interface AxonOptions {
  readonly self: Hotkey;
  readonly gate: NeuronGate;
  /** By name of the synapse's class, which is its path. */
  readonly synapses: ReadonlyMap<string, SynapseHandler>;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The classic Bittensor wire, `POST /<Synapse>` over HTTP/1.1, on connections that somebody else accepted. */
export interface Axon {
  readonly serve: (connection: Socket) => void;
  /** Ends idle connections, lets questions under way end within the grace, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

export function createAxon(options: AxonOptions): Axon {
  const { clock, log } = options;
  const bodies = new BodyReader(options.maxBodyBytes);
  const open = new Set<Socket>();
  let closing = false;
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      if (closing) response.setHeader('connection', 'close');
      answer({ ...options, bodies, closing }, request, response).catch((error: unknown) => {
        log.error({ err: error }, 'an answer of the axon could not be sent');
        response.destroy();
      });
    },
  );
  // Its time limits start with this event, which only a listening server gets by itself.
  server.emit('listening');
  return {
    serve(connection) {
      open.add(connection);
      connection.once('close', () => open.delete(connection));
      server.emit('connection', connection);
    },
    async close(graceMs) {
      closing = true;
      server.close();
      const takeBack = clock.after(graceMs, () => {
        for (const socket of open) socket.destroy();
      });
      await Promise.all([...open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
      takeBack();
    },
  };
}

interface Serving extends AxonOptions {
  readonly bodies: BodyReader;
  readonly closing: boolean;
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock, log, self } = serving;
  const name = synapseName(request);
  const answering: Answering = { name, self, startMs: clock.now(), now: () => clock.now(), response };
  let headers: SynapseHeaders | undefined;
  try {
    if (serving.closing) throw new Refusal('SERVER_DRAINING', 'the neuron is shutting down');
    const handler = handlerOf(serving, request, name);
    headers = readRequestHeaders(request.headersDistinct, self);
    const caller = serving.gate.admit(headers.claim);
    const verified = headers;
    const limit = timeLimit(serving, headers.timeoutMs, response);
    try {
      const body = await serving.bodies.with(request, limit.signal, (body) =>
        handler({ caller, headers: verified, body, signal: limit.signal }),
      );
      sendReply(answering, headers, body);
    } finally {
      limit.end();
    }
  } catch (error) {
    const { status, unforeseen } = sendFailure(answering, headers, error);
    if (unforeseen !== undefined)
      log.error({ err: unforeseen.error, id: unforeseen.id, synapse: name }, 'a synapse failed');
    else log.debug({ status, synapse: name, caller: headers?.claim.hotkey }, 'a synapse was refused');
    lingerFor(request, clock);
  }
}

function synapseName({ url = '' }: IncomingMessage): string {
  return /^\/(\w{1,64})\/?(?:\?|$)/.exec(url)?.[1] ?? '';
}

/** @throws Refusal UNIMPLEMENTED */
function handlerOf({ synapses }: Serving, { method }: IncomingMessage, name: string): SynapseHandler {
  const handler = method === 'POST' ? synapses.get(name) : undefined;
  if (handler !== undefined) return handler;
  throw new Refusal(
    'UNIMPLEMENTED',
    `Synapse name '${name}' not found. Available synapses ${[...synapses.keys()].join(', ')}`,
  );
}

/** Ends the work when the caller's time is over or the caller has gone. */
function timeLimit({ clock }: Serving, timeoutMs: number, response: ServerResponse) {
  const controller = new AbortController();
  const takeBack = clock.after(timeoutMs, () => {
    controller.abort(new Refusal('DEADLINE_EXCEEDED', `Response timeout after: ${timeoutMs / 1000}s`));
  });
  const gone = (): void => controller.abort(new Refusal('CANCELLED', 'the caller has gone'));
  response.once('close', gone);
  return {
    signal: controller.signal,
    end: () => {
      takeBack();
      response.off('close', gone);
    },
  };
}

/** Cutting a connection while its body comes would lose the answer on the way. */
function lingerFor(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return;
  const takeBack = clock.after(LINGER_MS, () => request.socket.destroy());
  request.once('close', takeBack);
  request.resume();
}
